TARGET   = fuzz_syscall
SRC_C    = main.c worker.c expect.c directed.c
SRC_S    = call.S
RPC      = fuzz pd rm
CC_FLAGS = -Ibase/src/include
