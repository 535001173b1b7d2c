TARGET = test-mem_steps
include base/src/test/common/test.mk
