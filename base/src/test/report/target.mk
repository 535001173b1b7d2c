TARGET = test-report
include base/src/test/common/test.mk
