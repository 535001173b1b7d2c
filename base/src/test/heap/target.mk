TARGET = test-heap
include base/src/test/common/test.mk
