TARGET = test-capability
include base/src/test/common/test.mk
