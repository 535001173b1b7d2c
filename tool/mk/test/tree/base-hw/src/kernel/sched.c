/* SPDX-License-Identifier: MIT */
#include "sched.h"

int core(void);

int sched(void) { return core(); }
