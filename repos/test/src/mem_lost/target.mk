TARGET = test-mem_lost
RPC    = lender
include base/src/test/common/test.mk
