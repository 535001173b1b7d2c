TARGET = hostile
SRC_C  = main.c target.c
RPC    = entropy hello terminal timer trace
