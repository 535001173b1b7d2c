TARGET = exhaust
SRC_C  = main.c memory.c object.c session.c
RPC    = irq terminal timer trace
