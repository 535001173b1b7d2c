TARGET = mem_lender
SRC_C  = main.c
RPC    = lender
