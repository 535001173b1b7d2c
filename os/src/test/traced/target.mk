TARGET = test-traced
SRC_C  = main.c
RPC    = timer
