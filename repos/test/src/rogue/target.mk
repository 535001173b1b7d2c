TARGET = rogue
SRC_C  = main.c
RPC    = step parent
