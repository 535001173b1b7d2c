# SPDX-License-Identifier: MIT
SRC_C = main.c sched.c
