TARGET = test-library
include base/src/test/common/test.mk
LIBS  += test_outer test_inner
