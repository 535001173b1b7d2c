TARGET = test-migrate
FPU    = yes
SRC_C  = main.c states.c held.c storm.c
include base/src/test/common/test.mk
