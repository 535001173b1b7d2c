TARGET = leaf
SRC_C  = main.c
