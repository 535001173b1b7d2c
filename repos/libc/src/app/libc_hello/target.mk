TARGET = libc_hello
SRC_C  = main.c
include repos/libc/libc.mk
