TARGET = trace_logger
SRC_C  = main.c
LIBS   = base trace
RPC    = trace
