TARGET = hello_server
SRC_C  = main.c
RPC    = hello
