TARGET = test-context
FPU    = yes
SRC_C  = main.c space.c life.c
SRC_S  = blob.S
include base/src/test/common/test.mk
