/* SPDX-License-Identifier: MIT */
/**
 * One-shot timer of each CPU, in ticks of the time-stamp counter
 */
#pragma once

#include <kernel/cpu.h>

extern uint64_t timer_hz;          /* of the time-stamp counter */

/**
 * Raise VECTOR_TIMER on this CPU when the counter reaches 'tsc'
 *
 * ~0 disarms. It may come early if the deadline is far beyond what the hardware
 * can count: compare, and program again.
 */
void timer_program(uint64_t tsc);
