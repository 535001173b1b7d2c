LIB   = core
MODE  = kernel
SRC_C = core.c
