TARGET = report_rom
SRC_C  = main.c
RPC    = rom report
