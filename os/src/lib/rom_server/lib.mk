LIB   = rom_server
SRC_C = rom_server.c
RPC   = rom
