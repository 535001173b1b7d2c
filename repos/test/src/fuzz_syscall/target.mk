TARGET   = fuzz_syscall
SRC_C    = main.c worker.c expect.c
SRC_S    = call.S
RPC      = fuzz
CC_FLAGS = -Ibase/src/include
