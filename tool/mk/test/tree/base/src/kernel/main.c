/* SPDX-License-Identifier: MIT */
#include "sched.h"

int entry(void);

int entry(void) { return sched(); }
