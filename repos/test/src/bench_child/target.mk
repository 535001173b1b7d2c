TARGET = bench_child
SRC_C  = main.c
