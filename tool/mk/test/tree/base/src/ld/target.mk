TARGET = ld
PER_KERNEL = yes
SRC_C = ld.c
SYMBOLS = symbols
LD_FLAGS = -e entry -Ttext-segment=0x100000000000
