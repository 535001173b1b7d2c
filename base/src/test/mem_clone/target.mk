TARGET = test-mem_clone
include base/src/test/common/test.mk
