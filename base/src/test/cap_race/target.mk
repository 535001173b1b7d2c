TARGET = test-cap_race
include base/src/test/common/test.mk
