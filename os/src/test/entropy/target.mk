TARGET = test-entropy
SRC_C  = main.c
RPC    = entropy system
