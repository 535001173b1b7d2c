TARGET = patron
SRC_C  = main.c
RPC    = entropy terminal timer trace witness
