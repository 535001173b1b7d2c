# Linux's system calls for musl, over the base library
LIB   = libc_sys
SRC_C = call.c memory.c futex.c thread.c output.c clock.c start.c
SRC_S = stack.S
include repos/libc/libc.mk
LIBS  =
