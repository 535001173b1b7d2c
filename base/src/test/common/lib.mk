LIB   = test
SRC_C = test.c worker.c
