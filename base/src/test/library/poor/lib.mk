LIB      = test_poor
SHARED   = yes
SRC_C    = poor.c
SRC_DIRS = base/src/test/library
