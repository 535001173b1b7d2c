LIB      = test_inner
SHARED   = yes
SRC_C    = inner.c
SRC_DIRS = base/src/test/library
