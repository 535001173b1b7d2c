/* SPDX-License-Identifier: MIT */
#include <base/log.h>
#include <libs.h>

int shared(void)
{
	log_it("shared");
	return 1;
}
