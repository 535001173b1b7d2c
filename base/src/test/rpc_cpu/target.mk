TARGET = test-rpc_cpu
include base/src/test/common/test.mk
