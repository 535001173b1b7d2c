/* SPDX-License-Identifier: MIT */
/** Metadata of the Common Trace Format: what the packets contain */
#pragma once

#include <stdint.h>

enum { CTF_MAGIC = 0xc1fc1fc1, CTF_STREAM = 0 };

/** Write it, line by line */
void metadata_write(void (*line)(char const *text));
