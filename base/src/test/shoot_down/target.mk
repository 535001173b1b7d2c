TARGET = test-shoot_down
include base/src/test/common/test.mk
