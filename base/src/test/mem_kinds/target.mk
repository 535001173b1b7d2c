TARGET = test-mem_kinds
include base/src/test/common/test.mk
