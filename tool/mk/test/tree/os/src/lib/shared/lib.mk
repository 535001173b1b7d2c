LIB    = shared
SHARED = yes
SRC_C  = shared.c
LIBS   = base
