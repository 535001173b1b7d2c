TARGET = test-mutex
include base/src/test/common/test.mk
