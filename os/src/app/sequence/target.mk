TARGET = sequence
SRC_C  = main.c
LIBS   = base sandbox
