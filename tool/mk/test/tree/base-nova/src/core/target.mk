TARGET   = core
SRC_C    = core.c
LD_FLAGS = -e core
