TARGET   = patron
SRC_C    = main.c repos/test/src/witness/beats.c
SRC_DIRS = repos/test/src/witness
RPC      = entropy terminal timer trace witness
