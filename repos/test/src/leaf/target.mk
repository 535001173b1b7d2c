TARGET = leaf
SRC_C  = main.c
RPC    = step
