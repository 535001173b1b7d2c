TARGET = demo_crasher
SRC_C  = main.c
