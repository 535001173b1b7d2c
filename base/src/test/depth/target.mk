TARGET = test-depth
include base/src/test/common/test.mk
