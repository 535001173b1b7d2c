/* SPDX-License-Identifier: MIT */
/* Hostile children */

#include "fixture.h"

static void hostile(void)
{
	static char const *const names[] = { "server", "client", "other" };
	static char const *const configs[] = {
		"config\n" PARENT_PROVIDES
		"+ start server | ram: 3M | caps: 300\n"
		"  + provides | + service Hello\n  + exit | restart: yes\n"
		"+ start client | ram: 3M | ram_max: 5M\n  + exit | restart: yes\n"
		"  + route\n    + any-service | + local | + parent | + any-child\n"
		"+ start other\n  + provides | + service Hello\n"
		"  + exit | restart: yes\n-",
		"config\n" PARENT_PROVIDES
		"+ start server | ram: 2M | caps: 200\n"
		"  + provides | + service Hello\n  + exit | restart: yes\n"
		"+ start client | ram: 3M | + config | x: 1\n-",
		"config\n" PARENT_PROVIDES
		"+ start server | ram: 1M | caps: 100 | exhausted: wait\n"
		"  + provides | + service Hello\n  + exit | restart: yes\n"
		"+ start client | ram: 1M | + config | x: 1\n"
		"  + route\n    + service Hello | + child server | label: x\n"
		"    + any-service | + local | + parent\n-",
		"config\n" PARENT_PROVIDES
		"+ start client | ram: 3M\n"
		"  + route\n    + service Hello | + child client\n"
		"    + any-service   | + parent | + any-child\n"
		"  + provides | + service Hello\n-",
	};
	begin(configs[0]);
	for (unsigned step = 0; step < 60000; step++) {
		random_call(names[test_random(3)]);
		if (!test_random(10)) {
			CHECK(!signal_submit(sandbox.answers.cap));
			fake_time += 100 * 1000;
			fake_run();
		}
		if (!test_random(700))
			CHECK(configure(configs[test_random(4)]) == ERROR_OK);
		if (step % 500 == 0)
			check_accounts();
	}
	finish();
}

static struct test_case const cases[] = {
	{ "sandbox.hostile", hostile },
};
struct test_table const test_hostile = { cases, array_length(cases) };
