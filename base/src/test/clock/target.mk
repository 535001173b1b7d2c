TARGET = test-clock
include base/src/test/common/test.mk
