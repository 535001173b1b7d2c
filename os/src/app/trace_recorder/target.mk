TARGET = trace_recorder
SRC_C  = main.c metadata.c
LIBS   = base trace
RPC    = trace log
