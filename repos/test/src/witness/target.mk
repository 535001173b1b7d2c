TARGET = witness
SRC_C  = main.c
RPC    = bench witness
