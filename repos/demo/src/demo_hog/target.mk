TARGET = demo_hog
SRC_C  = main.c
