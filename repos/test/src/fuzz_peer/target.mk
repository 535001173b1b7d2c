TARGET   = fuzz_peer
SRC_C    = main.c
RPC      = fuzz pd
CC_FLAGS = -Ibase/src/include
