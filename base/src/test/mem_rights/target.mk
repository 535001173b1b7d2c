TARGET = test-mem_rights
include base/src/test/common/test.mk
