TARGET = test-libc
SRC_C  = main.c library.c memory.c thread.c sync.c
include repos/libc/libc.mk
