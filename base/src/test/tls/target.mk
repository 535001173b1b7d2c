TARGET = test-tls
include base/src/test/common/test.mk
