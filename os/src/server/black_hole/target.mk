TARGET = black_hole
SRC_C  = main.c
RPC    = log report terminal
