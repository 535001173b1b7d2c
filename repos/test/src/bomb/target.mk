TARGET = bomb
SRC_C  = main.c
LIBS   = sandbox
