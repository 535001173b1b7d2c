TARGET    = fuzz_rpc
SRC_C     = main.c message.c objects.c results.c
RPC_TABLE = yes
