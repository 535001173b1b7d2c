/* SPDX-License-Identifier: MIT */
/** What a handler may do before it lets others run */

/* local */
#include "work.h"

int  work_left;
bool work_waits;

enum error work_later(void)
{
	work_waits = true;
	return ERROR_AGAIN;
}
