TARGET   = bench_ipc
SRC_C    = main.c ipc.c servers.c foreign.c managed.c sample.c
RPC      = bench
CC_FLAGS = -Ibase/src/include
