TARGET = dynamic_rom
SRC_C  = main.c
RPC    = rom
