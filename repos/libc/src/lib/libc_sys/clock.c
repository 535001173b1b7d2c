/* SPDX-License-Identifier: MIT */
/*
 * Clocks: all begin with the machine, as nobody tells the date
 */

/* public */
#include <base/env.h>
#include <base/thread.h>
#include <session/cpu.h>

/* musl */
#include <errno.h>

/* local */
#include "sys.h"

#define SECOND 1000000ul

static bool valid(struct timespec const *time)
{
	return time->tv_sec >= 0 && time->tv_nsec >= 0
	       && time->tv_nsec < 1000000000;
}

/** Microseconds, rounded up: nobody is to be woken early */
static uint64_t microseconds(struct timespec const *time)
{
	uint64_t const seconds = (uint64_t)time->tv_sec;
	if (seconds >= ~0ul / SECOND - 1)
		return ~0ul;
	return seconds * SECOND + (uint64_t)(time->tv_nsec + 999) / 1000;
}

uint64_t clock_deadline(struct timespec const *time)
{
	uint64_t const now = clock_us(), us = valid(time) ? microseconds(time) : 0;
	return us > ~0ul - 1 - now ? ~0ul : now + us;
}

static enum error read(clockid_t clock, uint64_t *us)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*us = clock_us();
		return ERROR_OK;
	case CLOCK_PROCESS_CPUTIME_ID:
		return libc_env ? cpu_time(libc_env->cpu, us) : ERROR_INVALID;
	case CLOCK_THREAD_CPUTIME_ID:
		*us = thread_own_time_us();
		return ERROR_OK;
	default:
		return ERROR_INVALID;
	}
}

long clock_read(clockid_t clock, struct timespec *time)
{
	uint64_t us;
	if (read(clock, &us))
		return -EINVAL;
	*time = (struct timespec) {
		.tv_sec  = (time_t)(us / SECOND),
		.tv_nsec = (long)(us % SECOND * 1000) };
	return 0;
}

long clock_resolution(clockid_t clock, struct timespec *time)
{
	struct timespec unused;
	if (clock_read(clock, &unused))
		return -EINVAL;
	if (time)
		*time = (struct timespec) { .tv_nsec = 1000 };
	return 0;
}

long clock_sleep(clockid_t clock, int flags, struct timespec const *time)
{
	struct timespec unused;
	if (clock == CLOCK_PROCESS_CPUTIME_ID || clock_read(clock, &unused)
	    || !valid(time))
		return -EINVAL;
	uint64_t const deadline = flags & TIMER_ABSTIME
		? microseconds(time) : clock_deadline(time);
	while (clock_us() < deadline)
		thread_wait(deadline);
	return 0;
}
