TARGET = steps
SRC_C  = main.c steps.c
LIBS   = sandbox
RPC    = step
