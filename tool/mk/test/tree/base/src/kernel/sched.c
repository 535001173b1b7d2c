/* SPDX-License-Identifier: MIT */
#include "sched.h"

int sched(void) { return 1; }
