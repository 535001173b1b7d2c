TARGET = demo_ticker
SRC_C  = main.c
RPC    = timer
