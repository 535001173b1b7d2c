TARGET   = thousand
SRC_C    = main.c repos/test/src/crash_monitor/accounts.c
SRC_DIRS = repos/test/src/crash_monitor
LIBS     = sandbox
RPC      = step
