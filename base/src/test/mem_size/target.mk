TARGET = test-mem_size
include base/src/test/common/test.mk
