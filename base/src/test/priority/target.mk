TARGET = test-priority
include base/src/test/common/test.mk
