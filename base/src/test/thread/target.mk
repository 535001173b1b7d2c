TARGET = test-thread
include base/src/test/common/test.mk
