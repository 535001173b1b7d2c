TARGET   = bench_ipc
SRC_C    = main.c ipc.c foreign.c
RPC      = bench
CC_FLAGS = -Ibase/src/include
