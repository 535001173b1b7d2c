TARGET    = fuzz_rpc
SRC_C     = main.c message.c objects.c results.c sessions.c table.c values.c
RPC_TABLE = yes
