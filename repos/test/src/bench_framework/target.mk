TARGET   = bench_framework
SRC_C    = main.c framework.c sandbox.c sample.c
SRC_DIRS = repos/test/src/bench_ipc
LIBS     = sandbox
RPC      = bench parent step
