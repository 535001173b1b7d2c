TARGET = rom_filter
SRC_C  = main.c input.c
LIBS   = base rom_server
RPC    = rom
