TARGET = hostile
SRC_C  = main.c target.c wrong.c storm.c
RPC    = entropy hello terminal timer trace
