/* SPDX-License-Identifier: MIT */
/* Sessions of children: opened, refused, lost, paid for */

#include "fixture.h"

static void serves(void)
{
	begin(pair);
	uint64_t const ram = pd("client")->ram, caps = pd("client")->caps;
	struct answer const a = ask("client", "Hello", "me", 10000, signal_a);
	CHECK(!a.error && a.pending && !a.cap);
	CHECK(pd("client")->ram == ram - 10000 - 1024);
	CHECK(session_state_of("client", a.id) == ERROR_AGAIN);

	CHECK(announce("server", "Bye", signal_b) == ERROR_DENIED);
	CHECK(announce("server", "Hello", signal_b) == ERROR_OK);
	CHECK(announce("server", "Hello", signal_b) == ERROR_CONFLICT);
	CHECK(fake_signals(signal_b.cap) == 1);
	uint64_t const server_ram = pd("server")->ram;
	struct request r = fetch("server");
	CHECK(!r.error && r.info.kind == PARENT_CREATE && r.info.id == a.id);
	CHECK(string_equal(r.service, "Hello"));
	CHECK(string_equal(r.label, "client -> me"));
	CHECK(r.info.ram == 10000 && pd("server")->ram == server_ram + 10000);
	CHECK(fetch("server").error == ERROR_AGAIN);

	CHECK(deliver("client", a.id, SESSION_CAP) == ERROR_NOT_FOUND);
	CHECK(deliver("server", a.id, SESSION_CAP) == ERROR_OK);
	CHECK(deliver("server", a.id, SESSION_CAP) == ERROR_NOT_FOUND);
	CHECK(fake_signals(signal_a.cap) == 1);
	CHECK(session_state_of("client", a.id) == ERROR_OK);
	CHECK(session_state_of("server", a.id) == ERROR_NOT_FOUND);

	CHECK(!child_parent_ops.upgrade(&child("client")->parent, a.id, 500, 1));
	r = fetch("server");
	CHECK(r.info.kind == PARENT_UPGRADE && r.info.ram == 500);
	CHECK(child_parent_ops.upgrade(&child("client")->parent, a.id, 1 << 30, 1)
	      == ERROR_NO_RAM);

	CHECK(close_session("client", a.id) == ERROR_OK);
	CHECK(close_session("client", a.id) == ERROR_NOT_FOUND);
	r = fetch("server");
	CHECK(r.info.kind == PARENT_CLOSE && r.info.id == a.id);
	CHECK(respond("server", a.id, ERROR_OK) == ERROR_OK);
	CHECK(respond("server", a.id, ERROR_OK) == ERROR_NOT_FOUND);
	CHECK(pd("client")->ram == ram && pd("client")->caps == caps);
	CHECK(pd("server")->ram == server_ram);
	finish();
}

static void refuses(void)
{
	begin(pair);
	uint64_t const ram = pd("client")->ram;
	CHECK(!announce("server", "Hello", signal_b));
	struct answer a = ask("client", "Hello", "", 10000, signal_a);
	CHECK(fetch("server").info.id == a.id);
	CHECK(respond("server", a.id, ERROR_DONATE_RAM) == ERROR_OK);
	CHECK(session_state_of("client", a.id) == ERROR_DONATE_RAM);
	CHECK(close_session("client", a.id) == ERROR_OK);
	CHECK(pd("client")->ram == ram);

	/* closed before it was delivered */
	a = ask("client", "Hello", "", 10000, signal_a);
	CHECK(fetch("server").info.kind == PARENT_CREATE);
	CHECK(!close_session("client", a.id));
	CHECK(deliver("server", a.id, SESSION_CAP) == ERROR_NOT_FOUND);
	CHECK(!respond("server", a.id, ERROR_NOT_FOUND));
	CHECK(fetch("server").error == ERROR_AGAIN && pd("client")->ram == ram);

	/* closed before it was fetched */
	a = ask("client", "Hello", "", 10000, signal_a);
	CHECK(!close_session("client", a.id));
	CHECK(fetch("server").error == ERROR_AGAIN && pd("client")->ram == ram);

	/* ended by the server */
	a = ask("client", "Hello", "", 10000, signal_a);
	CHECK(!fetch("server").error && !deliver("server", a.id, SESSION_CAP));
	CHECK(!respond("server", a.id, ERROR_GONE));
	CHECK(session_state_of("client", a.id) == ERROR_GONE);
	CHECK(!close_session("client", a.id) && pd("client")->ram == ram);

	CHECK(ask("client", "Hello", "", 1 << 30, none).error == ERROR_NO_RAM);
	CHECK(ask("client", "Hello", "", UINT64_MAX, none).error == ERROR_NO_RAM);
	finish();
}

/** Free means of the sandbox do not depend on what children have open */
static void held(void)
{
	uint64_t ram, caps, ram_before, caps_before;
	begin(pair);
	sandbox_held(&sandbox, &ram, &caps);
	ram_before  = fake_pds[0].ram - ram;
	caps_before = fake_pds[0].caps - caps;
	for (unsigned i = 0; i < 4; i++) {
		CHECK(!ask("client", i % 2 ? "ROM" : "Slow",
		           i < 2 ? "config" : "x", 9000, none).error);
		sandbox_held(&sandbox, &ram, &caps);
		CHECK(fake_pds[0].ram - ram == ram_before);
		CHECK(fake_pds[0].caps - caps == caps_before);
	}
	open_hello();
	sandbox_held(&sandbox, &ram, &caps);
	CHECK(fake_pds[0].ram - ram == ram_before);
	finish();
}

static void server_dies(void)
{
	begin(pair);
	uint64_t const ram = pd("client")->ram;
	struct answer const a = open_hello();
	CHECK(!exit_child("server", 3) && exit_child("server", 3) != ERROR_OK);
	fake_run();
	CHECK(state("server") == CHILD_EXITED && fake_signals(signal_a.cap) == 1);
	CHECK(session_state_of("client", a.id) == ERROR_GONE);
	CHECK(!close_session("client", a.id) && pd("client")->ram == ram);
	CHECK(ask("client", "Hello", "", 10000, none).error == ERROR_DENIED);
	CHECK(exit_value == -1);
	finish();
}

/** What came later comes back, too, fetched or not */
static void upgraded_server_dies(void)
{
	begin(pair);
	uint64_t const ram = pd("client")->ram, caps = pd("client")->caps;
	struct answer const a = open_hello();
	CHECK(!child_parent_ops.upgrade(&child("client")->parent, a.id, 5000, 3));
	CHECK(fetch("server").info.kind == PARENT_UPGRADE);
	CHECK(!child_parent_ops.upgrade(&child("client")->parent, a.id, 700, 2));
	CHECK(!close_session("client", a.id));
	CHECK(!exit_child("server", 0));
	fake_run();
	CHECK(pd("client")->ram == ram && pd("client")->caps == caps);
	finish();
}

static void client_dies(void)
{
	begin(pair);
	uint64_t const ram = pd("server")->ram;
	struct answer const a = open_hello();
	struct answer const b = ask("client", "Hello", "b", 10000, signal_a);
	CHECK(!exit_child("client", 0));
	fake_run();
	struct request const r = fetch("server");
	CHECK(r.info.kind == PARENT_CLOSE && r.info.id == a.id && b.id != a.id);
	CHECK(fetch("server").error == ERROR_AGAIN);
	CHECK(!respond("server", a.id, ERROR_OK) && pd("server")->ram == ram);
	finish();
}

static void thief(void)
{
	begin(pair);
	struct answer const a = open_hello();
	fake_pds[0].paid_ram = pd("server")->ram;   /* it spent all */
	pd("server")->ram = 0;
	CHECK(!close_session("client", a.id));
	CHECK(!respond("server", a.id, ERROR_OK));
	CHECK(string_starts(fake_log, "server: keeps 10000 bytes"));
	fake_pds[0].ram += fake_pds[0].paid_ram;
	fake_pds[0].paid_ram = 0;
	finish();
}

static void pending_at_parent(void)
{
	begin(pair);
	uint64_t const ram = pd("client")->ram;
	struct answer a = ask("client", "Slow", "", 10000, signal_a);
	CHECK(a.pending && session_state_of("client", a.id) == ERROR_AGAIN);
	fake_answer(ERROR_OK);
	CHECK(!signal_submit(sandbox.answers.cap));
	fake_run();
	CHECK(fake_signals(signal_a.cap) == 1);
	CHECK(session_state_of("client", a.id) == ERROR_OK);
	struct answer const b = ask("client", "Slow", "", 10000, signal_b);
	fake_answer(ERROR_DENIED);
	CHECK(!signal_submit(sandbox.answers.cap));
	fake_run();
	CHECK(session_state_of("client", b.id) == ERROR_DENIED);
	CHECK(!close_session("client", a.id) && !close_session("client", b.id));
	CHECK(pd("client")->ram == ram);
	finish();
}

static void binary_of_a_child(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start roms\n  + provides | + service ROM\n"
	      "+ start user\n"
	      "  + route\n    + service ROM | + child roms\n"
	      "    + any-service | + parent\n"
	      "  + config | x: 1\n-");
	CHECK(state("user") == CHILD_WAITING && !pd("user")->started);
	CHECK(!announce("roms", "ROM", signal_b));
	struct request const r = fetch("roms");
	CHECK(!r.error && string_equal(r.label, "user -> user"));
	CHECK(!deliver("roms", r.info.id, SESSION_CAP));
	fake_run();
	CHECK(state("user") == CHILD_RUNNING);
	CHECK(pd("user")->binary == SESSION_CAP);

	/* its text goes with the server's memory */
	CHECK(!exit_child("roms", 0));
	fake_run();
	CHECK(state("user") == CHILD_FAILED);
	finish();
}

static void waiting_for_dead(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start roms\n  + provides | + service ROM\n"
	      "+ start a\n  + route\n    + service ROM | + child roms\n"
	      "    + any-service | + parent\n"
	      "+ start b\n  + route\n    + service ROM | + child roms\n"
	      "    + any-service | + parent\n-");
	CHECK(state("a") == CHILD_WAITING);
	CHECK(!exit_child("roms", 0));
	fake_run();
	CHECK(state("a") == CHILD_FAILED && state("b") == CHILD_FAILED);
	finish();
}

static void inline_configuration(void)
{
	char const *const one = "config\n" PARENT_PROVIDES
		"+ start c | + config | x: 1\n-";
	char const *const two = "config\n" PARENT_PROVIDES
		"+ start c | + config | x: 2\n-";
	begin(one);
	CHECK(ask("c", "ROM", "config", 100, none).error == ERROR_DONATE_RAM);
	struct answer const a = ask("c", "ROM", "config", 8192, none);
	CHECK(!a.error && !a.pending && a.cap);
	pd("c")->label[0] = 'm';            /* a mark that a restart would lose */
	CHECK(configure(two) == ERROR_OK && pd("c")->label[0] == 'm');
	CHECK(configure(one) == ERROR_OK && pd("c")->label[0] == 'm');
	CHECK(!close_session("c", a.id));
	finish();
}

static struct test_case const cases[] = {
	{ "sandbox.serve", serves },
	{ "sandbox.refuse", refuses },
	{ "sandbox.held", held },
	{ "sandbox.server_dies", server_dies },
	{ "sandbox.upgraded_server_dies", upgraded_server_dies },
	{ "sandbox.client_dies", client_dies },
	{ "sandbox.thief", thief },
	{ "sandbox.pending", pending_at_parent },
	{ "sandbox.binary_of_child", binary_of_a_child },
	{ "sandbox.waiting_for_dead", waiting_for_dead },
	{ "sandbox.inline_config", inline_configuration },
};
struct test_table const test_session = { cases, array_length(cases) };
