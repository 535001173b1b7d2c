TARGET = test-fpu
FPU    = yes
include base/src/test/common/test.mk
