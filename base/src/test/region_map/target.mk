TARGET = test-region_map
include base/src/test/common/test.mk
