TARGET    = fuzz_rpc
SRC_C     = main.c
RPC_TABLE = yes
