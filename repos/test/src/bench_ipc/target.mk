TARGET   = bench_ipc
SRC_C    = main.c ipc.c
RPC      = bench
CC_FLAGS = -Ibase/src/include
