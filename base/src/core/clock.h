/* SPDX-License-Identifier: MIT */
/** Time from the time-stamp counter */
#pragma once

#include <stdint.h>

static inline uint64_t clock_tsc(void)
{
	uint32_t low, high;
	__asm__ volatile ("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/** Ticks in microseconds, and the other way round */
uint64_t clock_us(uint64_t tsc);
uint64_t clock_ticks(uint64_t us);
