TARGET = test-hid
include base/src/test/common/test.mk
