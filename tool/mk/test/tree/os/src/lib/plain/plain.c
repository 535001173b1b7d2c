/* SPDX-License-Identifier: MIT */
#include <libs.h>

int plain(void) { return 1; }
