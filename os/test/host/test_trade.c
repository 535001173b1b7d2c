/* SPDX-License-Identifier: MIT */
/* Trade with children */

#include "fixture.h"

static enum error want(char const *name, uint64_t ram, uint64_t caps,
                       signal_cap_t available)
{
	return child_parent_ops.resource_request(&child(name)->parent, ram, caps,
	                                         available);
}

static void grows(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start a | ram: 1M | ram_max: 2M | caps: 20\n"
	      "+ start b | ram: 1M | caps: 20 | caps_max: 30 | exhausted: wait\n-");
	CHECK(want("a", 4096, 0, signal_a) == ERROR_OK);
	CHECK(pd("a")->ram == (1 << 20) + 64 * 1024);
	CHECK(want("a", 2 << 20, 0, signal_a) == ERROR_DENIED);
	CHECK(want("a", 0, 1, signal_a) == ERROR_DENIED);
	CHECK(want("b", 0, 10, signal_a) == ERROR_OK && pd("b")->caps == 30);
	CHECK(want("b", 0, 1, none) == ERROR_DENIED);
	CHECK(want("b", 0, 1, signal_a) == ERROR_AGAIN);
	CHECK(!fake_signals(signal_a.cap));
	CHECK(!configure("config\n" PARENT_PROVIDES
	      "+ start a | ram: 1M | ram_max: 2M | caps: 20\n"
	      "+ start b | ram: 1M | caps: 32 | exhausted: wait\n-"));
	CHECK(fake_signals(signal_a.cap) == 1 && pd("b")->caps == 32);
	CHECK(pd("a")->ram == (1 << 20) + 64 * 1024);
	finish();
}

static void grows_by_parent(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start a | ram: 1M | ram_max: 100M | caps: 20\n-");
	CHECK(want("a", 80 << 20, 0, signal_a) == ERROR_DENIED);
	CHECK(fake_asked_ram == 80 << 20);
	fake_resource_answer = ERROR_AGAIN;
	CHECK(want("a", 70 << 20, 0, signal_a) == ERROR_AGAIN);
	fake_pds[0].ram += 20 << 20;
	CHECK(!signal_submit(sandbox.available.cap));
	fake_run();
	CHECK(fake_signals(signal_a.cap) == 1 && pd("a")->ram == 71 << 20);
	pd("a")->ram -= 20 << 20;
	child("a")->ram -= 20 << 20;
	finish();
}

static void starts_when_parent_gives(void)
{
	begin("config\n" PARENT_PROVIDES "-");
	fake_resource_answer = ERROR_AGAIN;
	CHECK(!configure("config\n" PARENT_PROVIDES "+ start a | ram: 70M\n-"));
	CHECK(state("a") == CHILD_FAILED && child_lacks(child("a")));
	fake_pds[0].ram += 20 << 20;
	CHECK(!signal_submit(sandbox.available.cap));
	fake_run();
	CHECK(state("a") == CHILD_RUNNING);
	pd("a")->ram    -= 20 << 20;
	child("a")->ram -= 20 << 20;
	finish();
}

static void shrinks(void)
{
	uint64_t ram, caps;
	begin("config\n" PARENT_PROVIDES "+ start a | ram: 2M | caps: 40\n-");
	pd("a")->ram  -= 1792 << 10;         /* as if it used so much */
	pd("a")->caps -= 35;
	CHECK(!configure("config\n" PARENT_PROVIDES
	                 "+ start a | ram: 1M | caps: 30\n-"));
	CHECK(fake_signals(child("a")->attention.cap) == 1);
	CHECK(!child_parent_ops.attention(&child("a")->parent, &ram, &caps));
	CHECK(ram == 768 << 10 && caps == 5 && !pd("a")->ram);
	pd("a")->ram  += 1792 << 10;
	pd("a")->caps += 35;
	CHECK(!child_parent_ops.yield_response(&child("a")->parent));
	CHECK(pd("a")->ram == 1 << 20 && pd("a")->caps == 30);
	CHECK(!child("a")->owes_ram && !child("a")->owes_caps);
	finish();
}

static struct test_case const cases[] = {
	{ "sandbox.grow", grows },
	{ "sandbox.grow_by_parent", grows_by_parent },
	{ "sandbox.start_late", starts_when_parent_gives },
	{ "sandbox.shrink", shrinks },
};
struct test_table const test_trade = { cases, array_length(cases) };
