TARGET = test-managed
include base/src/test/common/test.mk
