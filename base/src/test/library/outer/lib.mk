LIB      = test_outer
SHARED   = yes
SRC_C    = outer.c
SRC_DIRS = base/src/test/library
LIBS     = test_inner
