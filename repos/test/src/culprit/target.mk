TARGET   = culprit
SRC_C    = main.c fault.c call.c
CC_FLAGS = -Ibase/src/include
