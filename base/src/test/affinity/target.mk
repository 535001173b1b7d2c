TARGET = test-affinity
include base/src/test/common/test.mk
