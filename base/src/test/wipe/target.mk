TARGET = test-wipe
include base/src/test/common/test.mk
