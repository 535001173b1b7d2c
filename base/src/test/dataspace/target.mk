TARGET = test-dataspace
include base/src/test/common/test.mk
