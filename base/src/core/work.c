/* SPDX-License-Identifier: MIT */
/** What a handler may do before it lets others run */

/* local */
#include "work.h"

int work_left;
