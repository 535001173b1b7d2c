TARGET = test-storm
include base/src/test/common/test.mk
