TARGET = witness
SRC_C  = main.c beats.c
RPC    = bench witness
