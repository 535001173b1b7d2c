TARGET   = ipc_lines
SRC_C    = main.c
RPC      = bench
CC_FLAGS = -Ibase/src/include
