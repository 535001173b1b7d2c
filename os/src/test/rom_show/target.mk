TARGET = test-rom_show
SRC_C  = main.c
