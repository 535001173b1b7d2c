TARGET = test-init_child
SRC_C  = main.c
