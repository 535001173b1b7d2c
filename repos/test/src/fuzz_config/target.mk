TARGET = fuzz_config
SRC_C  = main.c generate.c serve.c
LIBS   = base sandbox
RPC    = log rom system
