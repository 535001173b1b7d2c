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

static unsigned lines(void)
{
	unsigned n = 0;
	for (char const *c = fake_log; *c; c++)
		n += *c == '\n';
	fake_log[0] = 0;
	return n;
}

/** No child fills its parent's log, however often it is to be blamed */
static void floods(void)
{
	enum { OFTEN = 100, FEW = 12 };
	unsigned thefts = 0, faults = 0, responses = 0;
	begin("config\n" PARENT_PROVIDES "+ start server\n"
	      "  + provides | + service Hello\n  + fault | keep: yes\n"
	      "+ start client | ram: 4M | caps: 900\n"
	      "+ start greedy\n-");
	CHECK(!announce("server", "Hello", signal_b));
	fake_log[0] = 0;
	for (unsigned i = 0; i < OFTEN; i++) {
		struct answer const a = ask("client", "Hello", "", 10, signal_a);
		CHECK(!fetch("server").error);
		CHECK(!deliver("server", a.id, SESSION_CAP));
		fake_pds[0].paid_ram += pd("server")->ram;  /* it spent all */
		pd("server")->ram = 0;
		CHECK(!close_session("client", a.id));
		CHECK(!respond("server", a.id, ERROR_OK));
		thefts += lines();
	}
	CHECK(thefts && thefts <= FEW);
	for (unsigned i = 0; i < OFTEN; i++) {
		fake_fault = true;
		CHECK(!signal_submit(child("server")->fault.cap));
		fake_run();
		faults += lines();
	}
	CHECK(faults && faults <= FEW && state("server") == CHILD_FAULTED);
	fake_pds[0].ram += fake_pds[0].paid_ram;
	fake_pds[0].paid_ram = 0;

	/* what it is to have is not there: one line, whatever it says */
	CHECK(!configure("config\n" PARENT_PROVIDES
	                 "+ start greedy | ram: 1G\n-"));
	CHECK(lines() == 1);
	for (unsigned i = 0; i < OFTEN; i++) {
		CHECK(!child_parent_ops.yield_response(&child("greedy")->parent));
		responses += lines();
	}
	CHECK(!responses);
	finish();
}

static struct test_case const cases[] = {
	{ "sandbox.hostile", hostile },
	{ "sandbox.flood", floods },
};
struct test_table const test_hostile = { cases, array_length(cases) };
