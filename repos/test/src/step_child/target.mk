TARGET = step_child
SRC_C  = main.c serve.c
RPC    = step
