TARGET = test-mem_orphan
include base/src/test/common/test.mk
