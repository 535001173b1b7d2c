TARGET = test-thread_debug
FPU    = yes
SRC_C  = main.c fpu.c
SRC_S  = code.S
include base/src/test/common/test.mk
