TARGET   = bench_ipc
SRC_C    = main.c ipc.c framework.c
RPC      = bench parent
CC_FLAGS = -Ibase/src/include
