LIB   = plain
SRC_C = plain.c
