/* SPDX-License-Identifier: MIT */
/* Time from the time-stamp counter, which starts with the machine */

#include <base/env.h>
#include <base/thread.h>
#include <base/internal/base_state.h>
#include <base/internal/sys.h>

static uint64_t microseconds(uint64_t ticks)
{
	return (uint64_t)((unsigned __int128)ticks * base_state.us_per_tick >> 56);
}

uint64_t clock_us(void)
{
	return microseconds(__builtin_ia32_rdtsc());
}

uint64_t clock_tsc_hz(void)
{
	return base_state.tsc_hz;
}

uint64_t thread_own_time_us(void)
{
	return microseconds(sys_thread_time());
}

void thread_yield(void)
{
	sys_yield();
}
