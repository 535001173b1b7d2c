TARGET   = bench_ipc
SRC_C    = main.c ipc.c foreign.c sample.c
RPC      = bench
CC_FLAGS = -Ibase/src/include
