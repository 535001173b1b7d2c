TARGET = crash_monitor
SRC_C  = main.c child.c elf.c accounts.c
RPC    = parent rom witness
