TARGET = test-timer
RPC    = timer
include base/src/test/common/test.mk
