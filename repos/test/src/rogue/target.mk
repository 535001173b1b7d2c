TARGET = rogue
SRC_C  = main.c lies.c
RPC    = step parent pd rom report
