TARGET = test-object
include base/src/test/common/test.mk
