/* SPDX-License-Identifier: MIT */
/** Alignment to powers of two */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** Up to the next multiple of 'unit'; wraps to 0 at the very end */
static inline uint64_t align_up(uint64_t value, uint64_t unit)
{
	return (value + (unit - 1)) & ~(unit - 1);
}

static inline uint64_t align_down(uint64_t value, uint64_t unit)
{
	return value & ~(unit - 1);
}

static inline bool aligned(uint64_t value, uint64_t unit)
{
	return (value & (unit - 1)) == 0;
}
