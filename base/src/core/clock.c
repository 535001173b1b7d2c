/* SPDX-License-Identifier: MIT */
/** Time from the time-stamp counter */

/* internal */
#include <core/kernel.h>

/* local */
#include "clock.h"

enum { US = 1000 * 1000 };

/** Never 0, whatever the kernel measured */
static uint64_t hz(void)
{
	uint64_t const value = kernel_boot_info()->tsc_hz;
	return value ? value : 1000 * US;
}

uint64_t clock_us(uint64_t tsc)
{
	return tsc / hz() * US + tsc % hz() * US / hz();
}

uint64_t clock_ticks(uint64_t us)
{
	return us / US * hz() + us % US * hz() / US;
}
