TARGET   = culprit
SRC_C    = main.c fault.c call.c ways.c
RPC      = dataspace log pd
CC_FLAGS = -Ibase/src/include
