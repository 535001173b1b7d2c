/* SPDX-License-Identifier: MIT */
/** Wire types and constants that another header uses */
#pragma once

#include <base/rpc.h>

enum { KINDS_UNUSED = 7, EVERY_NAME = 0x18 };

/** The last is their number, not a value */
WIRE enum every_colour { EVERY_RED = 0, EVERY_GREEN, EVERY_BLUE, N_EVERY_COLOURS, };
