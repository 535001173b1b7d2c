TARGET = test-signal
include base/src/test/common/test.mk
