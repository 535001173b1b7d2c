/* SPDX-License-Identifier: MIT */
#include <base/log.h>
#include <libs.h>

__attribute__((visibility("default"))) int component_construct(void);

static char const *const names[] = { "one", "two" };

int component_construct(void)
{
	log_it(names[plain()]);
	some_data++;
	return shared();
}
