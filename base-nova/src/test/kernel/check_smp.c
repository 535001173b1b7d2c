/* SPDX-License-Identifier: MIT */
#include "tests.h"
void check_smp(void) { }
