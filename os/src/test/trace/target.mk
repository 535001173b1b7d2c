TARGET = test-trace
SRC_C  = main.c
LIBS   = base trace
RPC    = trace
