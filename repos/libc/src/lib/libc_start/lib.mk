# What makes a component of a program with 'main'
LIB   = libc_start
SRC_C = start.c
include repos/libc/libc.mk
LIBS  =
