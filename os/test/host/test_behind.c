/* SPDX-License-Identifier: MIT */
/* Sessions of grandchildren that a sibling interposes */

#include "fixture.h"

#define FAMILY(priority) \
	"config\n" PARENT_PROVIDES \
	"+ start monitor\n  + provides\n    + service CPU\n" \
	"+ start a | priority: " priority "\n  + route\n" \
	"    + service CPU | label: baby | + child monitor | label: seen\n" \
	"    + any-service | + parent\n-"

/** The real session of a grandchild is the sandbox's, whoever serves it */
static void stands_behind(void)
{
	begin(FAMILY("50"));
	CHECK(!announce("monitor", "CPU", signal_b));
	struct answer const little = ask_for("a", "CPU", "baby", "", 8 * 1024,
	                                     signal_a);
	CHECK(little.error == ERROR_DONATE_RAM);
	check_accounts();
	uint64_t const ram = pd("a")->ram;
	struct answer const cpu = ask_for("a", "CPU", "baby",
		"cpu | priority: 60", 32 * 1024, signal_a);
	CHECK(!cpu.error && cpu.pending);
	CHECK(string_equal(fake_parent_label, "a -> baby"));
	CHECK(string_equal(fake_parent_text, "cpu | priority: 50 | quota: 0"));

	/* limits follow before it is answered, and later */
	CHECK(!configure(FAMILY("40")));
	CHECK(string_equal(fake_parent_text, "cpu | priority: 40 | quota: 0"));
	struct request const r = fetch("monitor");
	CHECK(!r.error && r.behind.cap && r.info.ram == 16 * 1024);
	CHECK(string_equal(r.label, "seen"));
	CHECK(!deliver("monitor", r.info.id, SESSION_CAP));
	CHECK(!configure(FAMILY("30")));
	CHECK(string_equal(fake_parent_text, "cpu | priority: 30 | quota: 0"));
	CHECK(!child_parent_ops.change(&child("a")->parent, cpu.id,
	                               "cpu | priority: 20"));
	CHECK(string_equal(fake_parent_text, "cpu | priority: 20 | quota: 0"));
	check_accounts();

	/* its half comes back at once, the monitor's when that confirms */
	CHECK(!close_session("a", cpu.id));
	CHECK(pd("a")->ram == ram - 16 * 1024 - 1024);
	CHECK(fetch("monitor").info.kind == PARENT_CLOSE);
	CHECK(!respond("monitor", r.info.id, ERROR_OK));
	CHECK(pd("a")->ram == ram);
	finish();
}

/** The own parent may answer later, deny it, or lose it */
static void stands_behind_later(void)
{
	begin(FAMILY("50"));
	CHECK(!announce("monitor", "CPU", signal_b));
	uint64_t const ram = pd("a")->ram;
	fake_slow = true;
	struct answer const cpu = ask_for("a", "CPU", "baby", "", 32 * 1024,
	                                  signal_a);
	CHECK(!cpu.error && cpu.pending);
	CHECK(fetch("monitor").error == ERROR_AGAIN);
	CHECK(!configure(FAMILY("40")));
	CHECK(string_equal(fake_parent_text, "cpu | priority: 40 | quota: 0"));
	fake_answer(ERROR_OK);
	CHECK(!signal_submit(sandbox.answers.cap));
	fake_run();
	struct request const r = fetch("monitor");
	CHECK(!r.error && r.behind.cap);
	CHECK(!deliver("monitor", r.info.id, SESSION_CAP));
	fake_lose(r.behind.cap);
	CHECK(!signal_submit(sandbox.answers.cap));
	fake_run();
	CHECK(session_state_of("a", cpu.id) == ERROR_GONE);
	CHECK(fetch("monitor").info.kind == PARENT_CLOSE);
	CHECK(!respond("monitor", r.info.id, ERROR_OK));
	CHECK(!close_session("a", cpu.id) && pd("a")->ram == ram);

	struct answer const denied = ask_for("a", "CPU", "baby", "", 32 * 1024,
	                                     signal_a);
	fake_answer(ERROR_DENIED);
	CHECK(!signal_submit(sandbox.answers.cap));
	fake_run();
	CHECK(session_state_of("a", denied.id) == ERROR_DENIED);
	CHECK(!close_session("a", denied.id) && pd("a")->ram == ram);

	struct answer const unasked = ask_for("a", "CPU", "baby", "", 32 * 1024,
	                                      signal_a);
	CHECK(unasked.pending && !close_session("a", unasked.id));
	CHECK(pd("a")->ram == ram);
	finish();
}

/** Who was to stand in between may be gone before the real session has come */
static void loses_its_way(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start monitor\n  + provides\n    + service CPU\n"
	      "+ start other\n  + provides\n    + service CPU\n"
	      "+ start a\n  + route\n"
	      "    + service CPU | label: baby | + child monitor | + parent\n"
	      "    + service CPU | label: twin\n"
	      "      + child monitor | label: his\n"
	      "      + child other | label: hers\n"
	      "    + any-service | + parent\n-");
	uint64_t const ram = pd("a")->ram;
	fake_slow = true;
	struct answer const baby = ask_for("a", "CPU", "baby", "", 32 * 1024,
	                                   signal_a);
	struct answer const twin = ask_for("a", "CPU", "twin", "", 32 * 1024,
	                                   signal_a);
	CHECK(baby.pending && twin.pending);
	uint64_t held_ram, held_caps;
	sandbox_held(&sandbox, &held_ram, &held_caps);
	CHECK(held_ram == 2 * (16 + 1) * 1024);
	CHECK(!exit_child("monitor", 0));
	fake_run();
	fake_answer(ERROR_OK);
	CHECK(!signal_submit(sandbox.answers.cap));
	fake_run();
	CHECK(session_state_of("a", baby.id) == ERROR_GONE);
	CHECK(session_state_of("a", twin.id) == ERROR_GONE);
	CHECK(fetch("other").error == ERROR_AGAIN);
	CHECK(!close_session("a", baby.id) && !close_session("a", twin.id));
	CHECK(pd("a")->ram == ram);
	finish();
}

static struct test_case const cases[] = {
	{ "sandbox.behind", stands_behind },
	{ "sandbox.behind-later", stands_behind_later },
	{ "sandbox.behind-lost", loses_its_way },
};
struct test_table const test_behind = { cases, array_length(cases) };
