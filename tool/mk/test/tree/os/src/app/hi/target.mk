TARGET = hi
SRC_C  = main.c
LIBS   = base plain shared
