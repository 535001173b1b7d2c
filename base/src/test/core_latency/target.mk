TARGET = test-core_latency
include base/src/test/common/test.mk
