TARGET = demo_visitor
SRC_C  = main.c
RPC    = hello timer
