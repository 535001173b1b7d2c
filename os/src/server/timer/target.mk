TARGET = timer
SRC_C  = main.c
RPC    = timer
