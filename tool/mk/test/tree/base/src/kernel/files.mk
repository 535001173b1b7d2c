SRC_C = main.c sched.c
