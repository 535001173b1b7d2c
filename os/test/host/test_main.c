/* SPDX-License-Identifier: MIT */
/* The sandbox library on a simulated core: routes, sessions, accounts, life */

#include "fixture.h"

int main(void)
{
	static struct test_table const *const tables[] = {
		&test_config, &test_session, &test_life, &test_trade,
		&test_change, &test_behind, &test_hostile };
	int status = 0;
	for (unsigned i = 0; i < array_length(tables); i++)
		status |= test_run(tables[i]->cases, tables[i]->count);
	return status;
}
