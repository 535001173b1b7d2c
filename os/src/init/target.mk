TARGET = init
SRC_C  = main.c
LIBS   = base sandbox
