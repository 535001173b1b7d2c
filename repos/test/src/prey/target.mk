TARGET = prey
SRC_C  = main.c
RPC    = step
