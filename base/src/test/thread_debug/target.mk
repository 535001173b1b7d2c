TARGET = test-thread_debug
SRC_C  = main.c
SRC_S  = code.S
include base/src/test/common/test.mk
