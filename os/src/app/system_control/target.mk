TARGET = system_control
SRC_C  = main.c
RPC    = system
