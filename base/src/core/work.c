/* SPDX-License-Identifier: MIT */
/** What a handler may do before it lets others run */

/* local */
#include "work.h"

int  work_left;
bool work_waits;
uint64_t work_ticket;

enum error work_later(void)
{
	work_waits = true;
	return ERROR_AGAIN;
}

enum error work_later_on(uint64_t ticket)
{
	work_ticket = ticket;
	return work_later();
}
