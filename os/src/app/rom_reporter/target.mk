TARGET = rom_reporter
SRC_C  = main.c
