TARGET = monitor
SRC_C  = main.c
RPC    = pd cpu
