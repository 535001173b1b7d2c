TARGET   = kernel
MODE     = kernel
LD_FLAGS = -e entry -Ttext-segment=0xffffffff80000000
include base/src/kernel/files.mk
LIBS     = core
