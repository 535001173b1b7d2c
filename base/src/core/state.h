/* SPDX-License-Identifier: MIT */
/** What core reports about itself, as HID text: ROM module "core_state" */
#pragma once

#include <stddef.h>

enum { STATE_SIZE = 4096 };

/** Write the text into 'size' bytes; returns its length */
size_t state_write(char *text, size_t size);
