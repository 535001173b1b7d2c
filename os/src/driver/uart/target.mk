TARGET = uart
SRC_C  = main.c
RPC    = terminal io_port irq
