TARGET = log_core
SRC_C  = main.c
RPC    = terminal
