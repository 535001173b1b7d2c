TARGET = watched
SRC_C  = main.c
