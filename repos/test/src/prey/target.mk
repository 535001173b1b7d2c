TARGET = prey
SRC_C  = main.c lies.c
RPC    = step
