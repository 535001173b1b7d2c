TARGET = test-device
include base/src/test/common/test.mk
