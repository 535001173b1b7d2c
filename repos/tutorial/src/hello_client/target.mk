TARGET = hello_client
SRC_C  = main.c
RPC    = hello
