/* SPDX-License-Identifier: MIT */
/* Life of children: changes, ends, heartbeats, reports */

#include "fixture.h"

static void reconfigures(void)
{
	begin(pair);
	struct answer const a = open_hello();
	pd("server")->label[0] = pd("client")->label[0] = 'm';
	CHECK(configure(pair) == ERROR_OK);
	CHECK(pd("server")->label[0] == 'm' && pd("client")->label[0] == 'm');
	CHECK(session_state_of("client", a.id) == ERROR_OK);

	CHECK(configure("config\n" PARENT_PROVIDES
	      "+ start server | ram: 2M | caps: 50\n"
	      "  + provides | + service Hello\n+ start client\n-") == ERROR_OK);
	CHECK(pd("server")->label[0] == 'm');
	CHECK(pd("server")->ram == (2 << 20) + 10000 && pd("server")->caps == 54);

	CHECK(configure("config\n" PARENT_PROVIDES
	      "+ start server | version: 2\n"
	      "  + provides | + service Hello\n+ start client\n-") == ERROR_OK);
	CHECK(pd("server")->label[0] != 'm' && pd("client")->label[0] == 'm');
	CHECK(session_state_of("client", a.id) == ERROR_GONE);

	CHECK(configure("config\n" PARENT_PROVIDES "+ start client\n-")
	      == ERROR_OK);
	CHECK(!child("server") && pd("client")->label[0] == 'm');
	CHECK(ask("client", "Hello", "", 10000, none).error == ERROR_DENIED);
	finish();
}

static void queued_survives_restart(void)
{
	begin(pair);
	struct answer const a = ask("client", "Hello", "", 10000, signal_a);
	CHECK(configure("config\n" PARENT_PROVIDES
	      "+ start server | version: 2\n"
	      "  + provides | + service Hello\n+ start client\n-") == ERROR_OK);
	CHECK(session_state_of("client", a.id) == ERROR_AGAIN);
	CHECK(!announce("server", "Hello", signal_b));
	CHECK(fetch("server").info.id == a.id);
	CHECK(configure("config\n" PARENT_PROVIDES "+ start client\n-")
	      == ERROR_OK);
	CHECK(session_state_of("client", a.id) == ERROR_GONE);
	finish();
}

static void exits(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start a | + exit | propagate: yes\n"
	      "+ start b | + exit | restart: yes\n-");
	CHECK(!exit_child("a", 7));
	fake_run();
	CHECK(exit_value == 7 && state("a") == CHILD_EXITED);
	for (unsigned i = 1; i <= 3; i++) {
		CHECK(!exit_child("b", 0));
		fake_run();
		CHECK(state("b") == CHILD_RUNNING && child("b")->restarts == i);
	}
	CHECK(!exit_child("b", 0));
	fake_run();
	CHECK(state("b") == CHILD_EXITED);
	fake_time += 1000 * 1000;
	fake_run();
	CHECK(state("b") == CHILD_RUNNING);
	finish();
}

static void faults(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start a\n"
	      "+ start b | + fault | restart: yes\n"
	      "+ start c | + fault | keep: yes\n"
	      "+ start d | + fault | keep: yes | restart: yes\n-");
	char const *const names[] = { "a", "b", "c", "d" };
	uint64_t const ram = fake_pds[0].ram;
	for (unsigned i = 0; i < array_length(names); i++) {
		fake_fault = true;
		CHECK(!signal_submit(child(names[i])->fault.cap));
		fake_run();
	}
	CHECK(state("a") == CHILD_FAULTED && !child("a")->pd.cap.cap);
	CHECK(state("b") == CHILD_RUNNING && child("b")->restarts == 1);
	CHECK(state("c") == CHILD_FAULTED && child("c")->pd.cap.cap);
	CHECK(fake_pds[0].ram > ram);
	CHECK(state("d") == CHILD_FAULTED && child("d")->pd.cap.cap);
	CHECK(child("d")->restarts == 0);
	finish();
}

static void heartbeats(void)
{
	begin("config\n" PARENT_PROVIDES "+ heartbeat | every_ms: 10\n"
	      "+ start a | + heartbeat | restart: 3\n-");
	fake_signals(child("a")->attention.cap);
	for (unsigned i = 0; i < 5; i++) {
		uint64_t ram, caps;
		fake_time += 10 * 1000;
		fake_run();
		CHECK(fake_signals(child("a")->attention.cap) == 1);
		CHECK(!child_parent_ops.attention(&child("a")->parent, &ram,
		                                  &caps));
		CHECK(!ram && !caps);
	}
	CHECK(child("a")->skipped_beats == 0 && child("a")->restarts == 0);
	for (unsigned i = 0; i < 4; i++) {
		fake_time += 10 * 1000;
		fake_run();
	}
	CHECK(child("a")->restarts == 1 && state("a") == CHILD_RUNNING);
	finish();
}

/** A period that becomes shorter counts at once */
static void sooner_heartbeat(void)
{
	begin("config\n" PARENT_PROVIDES "+ heartbeat | every_ms: 100000\n"
	      "+ start a | + heartbeat | restart: 3\n-");
	fake_signals(child("a")->attention.cap);
	CHECK(!configure("config\n" PARENT_PROVIDES
	      "+ heartbeat | every_ms: 10\n"
	      "+ start a | + heartbeat | restart: 3\n-"));
	fake_time += 10 * 1000;
	fake_run();
	CHECK(fake_signals(child("a")->attention.cap) == 1);
	finish();
}

/** Who serves a program may end it again and again: that costs its own time */
static void program_is_lost(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start server\n  + provides | + service ROM\n"
	      "+ start client\n  + route\n"
	      "    + service ROM | + child server\n"
	      "    + any-service | + parent\n-");
	CHECK(!announce("server", "ROM", signal_b));
	for (unsigned i = 0; i < 4; i++) {
		struct request const r = fetch("server");
		CHECK(!r.error && !deliver("server", r.info.id, SESSION_CAP));
		fake_run();
		CHECK(state("client") == CHILD_RUNNING);
		CHECK(child("client")->restarts == i);
		CHECK(!respond("server", r.info.id, ERROR_GONE));
		fake_run();
	}
	CHECK(state("client") == CHILD_STOPPED);
	CHECK(fetch("server").error == ERROR_AGAIN);
	fake_time += 1000 * 1000;
	fake_run();
	CHECK(state("client") == CHILD_WAITING);
	finish();
}

static void reports(void)
{
	begin("config\n" PARENT_PROVIDES "+ report | sessions: yes\n"
	      "+ start server\n  + provides | + service Hello\n"
	      "+ start client | binary: b\n-");
	open_hello();
	CHECK(!exit_child("server", 1));
	fake_run();
	CHECK(state_calls);
	static char text[4000];
	static struct hid nodes[100];
	struct hid_writer w;
	struct hid_document d = { .nodes = nodes, .capacity = 100 };
	size_t length;
	hid_writer_init(&w, text, sizeof text);
	hid_begin(&w, "state");
	sandbox_report(&sandbox, &w);
	hid_end(&w);
	CHECK(!hid_finish(&w, &length) && !hid_parse(&d, text, length, NULL));
	struct hid const *const server = hid_next(hid_top(&d), NULL, "child");
	struct hid const *const client = hid_next(hid_top(&d), server, "child");
	CHECK(hid_equals(server, "state", "exited"));
	CHECK(hid_uint(server, "exit", 0) == 1);
	CHECK(hid_equals(client, "state", "running"));
	CHECK(hid_equals(client, "binary", "b") && hid_uint(client, "ram", 0));
	bool gone = false;
	for (struct hid const *s = NULL; (s = hid_next(client, s, "session"));)
		gone |= hid_equals(s, "state", "failed");
	CHECK(gone);
	finish();
}

static void end_all(void)
{
	reaction = NULL;
	CHECK(!change("config\n" PARENT_PROVIDES "-"));
}

/** What an embedder changes when it hears of a change is a change, too */
static void changes_on_report(void)
{
	begin(pair);
	reaction    = end_all;
	state_calls = 0;
	CHECK(!exit_child("client", 0));
	fake_run();
	CHECK(!child("client") && state_calls == 2);
	finish();
}

static struct test_case const cases[] = {
	{ "sandbox.reconfigure", reconfigures },
	{ "sandbox.queued", queued_survives_restart },
	{ "sandbox.exit", exits },
	{ "sandbox.fault", faults },
	{ "sandbox.heartbeat", heartbeats },
	{ "sandbox.heartbeat-sooner", sooner_heartbeat },
	{ "sandbox.program-lost", program_is_lost },
	{ "sandbox.report", reports },
	{ "sandbox.change-on-report", changes_on_report },
};
struct test_table const test_life = { cases, array_length(cases) };
