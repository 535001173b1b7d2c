/* SPDX-License-Identifier: MIT */
/* Live changes */

#include "fixture.h"

#define TWO_SERVERS \
	"config\n" PARENT_PROVIDES "+ start one\n  + provides | + service Hello\n" \
	"+ start two\n  + provides | + service Hello\n" \
	"+ start client\n  + route\n    + service Hello | + child "
#define REST "\n    + any-service | + parent\n-"

static void reroutes(void)
{
	begin(TWO_SERVERS "one" REST);
	CHECK(!announce("one", "Hello", signal_b));
	uint64_t const ram = pd("client")->ram;
	struct answer const a = ask("client", "Hello", "", 8192, signal_a);
	CHECK(!a.error && !fetch("one").error);
	CHECK(!deliver("one", a.id, SESSION_CAP));
	fake_signals(signal_a.cap);

	uint32_t const id = child("client")->id;
	CHECK(!configure(TWO_SERVERS "two" REST));
	CHECK(child("client")->id == id && fake_signals(signal_a.cap) == 1);
	CHECK(session_state_of("client", a.id) == ERROR_GONE);
	struct request const r = fetch("one");
	CHECK(!r.error && r.info.kind == PARENT_CLOSE && r.info.id == a.id);
	CHECK(!respond("one", a.id, ERROR_OK));
	CHECK(session_state_of("client", a.id) == ERROR_GONE);
	CHECK(!close_session("client", a.id) && pd("client")->ram == ram);

	/* one that does not cope is started again */
	CHECK(!ask("client", "Hello", "", 8192, none).error);
	CHECK(!configure(TWO_SERVERS "one" REST));
	CHECK(child("client")->id != id && state("client") == CHILD_RUNNING);
	finish();
}

static void severed_then_closed(void)
{
	begin(TWO_SERVERS "one" REST);
	struct answer const a = ask("client", "Hello", "", 8192, signal_a);
	struct answer const b = ask("client", "Hello", "", 8192, signal_a);
	CHECK(!fetch("one").error && !fetch("one").error);
	CHECK(!configure(TWO_SERVERS "two" REST));
	CHECK(!close_session("client", a.id));
	CHECK(session_state_of("client", a.id) == ERROR_NOT_FOUND);
	CHECK(!exit_child("one", 0));
	fake_run();
	CHECK(session_state_of("client", b.id) == ERROR_GONE);
	CHECK(!close_session("client", b.id));
	finish();
}

static void policies_change(void)
{
	begin("config\n" PARENT_PROVIDES "+ start a\n-");
	uint32_t const id = child("a")->id;
	CHECK(!configure("config\n" PARENT_PROVIDES "+ heartbeat | every_ms: 10\n"
	      "+ start a | ram: 2M\n  + provides | + service X\n"
	      "  + exit | restart: yes\n  + fault | keep: yes\n"
	      "  + heartbeat | restart: 5\n-"));
	CHECK(child("a")->id == id);
	CHECK(!announce("a", "X", signal_a));
	CHECK(!configure("config\n" PARENT_PROVIDES "+ start a | version: 2\n-"));
	CHECK(child("a")->id != id);
	finish();
}

static void local_services(void)
{
	begin("config\n" PARENT_PROVIDES "+ start a\n"
	      "  + route | + any-service | + local | + parent\n-");
	uint64_t const ram = pd("a")->ram;
	CHECK(ask("a", "Here", "", 100, none).error == ERROR_DONATE_RAM);
	CHECK(pd("a")->ram == ram);
	struct answer const a = ask("a", "Here", "", 8192, signal_a);
	CHECK(!a.error && !a.pending && a.cap);
	CHECK(!session_state_of("a", a.id) && !close_session("a", a.id));
	CHECK(pd("a")->ram == ram);
	struct answer const b = ask("a", "Here", "", 8192, signal_a);
	struct list_node *const node = list_last(&child("a")->clients);
	sandbox_session_end(&sandbox, connection_of_client_node(node)->local);
	CHECK(session_state_of("a", b.id) == ERROR_GONE);
	CHECK(fake_signals(signal_a.cap) == 1 && !close_session("a", b.id));
	CHECK(pd("a")->ram == ram);
	finish();
}

static void interposes(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start monitor\n  + provides\n    + service PD\n    + service CPU\n"
	      "+ start a\n  + route\n    + service PD  | + child monitor\n"
	      "    + service CPU | + child monitor\n    + any-service | + parent\n-");
	CHECK(state("monitor") == CHILD_RUNNING && state("a") == CHILD_WAITING);
	CHECK(!announce("monitor", "PD", signal_b));
	for (unsigned i = 0; i < 2; i++) {
		struct request const r = fetch("monitor");
		CHECK(!r.error && string_equal(r.label, "a"));
		CHECK(r.behind.cap == (string_equal(r.service, "PD")
		                       ? child("a")->pd.cap.cap
		                       : child("a")->cpu.cap.cap));
		CHECK(!deliver("monitor", r.info.id, SESSION_CAP + i));
	}
	fake_run();
	CHECK(state("a") == CHILD_RUNNING);
	CHECK(pd("a")->seen_pd == SESSION_CAP && pd("a")->seen_cpu == SESSION_CAP + 1);

	/* when the monitor goes, its child cannot go on */
	uint32_t const id = child("a")->id;
	CHECK(!exit_child("monitor", 0));
	fake_run();
	CHECK(child("a")->id != id && state("a") == CHILD_RUNNING);
	CHECK(!pd("a")->seen_pd);
	finish();
}

static enum error add(char const *text)
{
	static struct hid nodes[64];
	struct hid_document d = { .nodes = nodes, .capacity = 64 };
	CHECK(!hid_parse(&d, text, strlen(text), NULL));
	enum error const error = sandbox_add(&sandbox, hid_top(&d));
	fake_run();
	return error;
}

/** Children one by one: beside those of the configuration, which leaves them alone */
static void adds(void)
{
	#define CLIENT "+ start c\n  + route\n    + service S | + any-child\n" \
	               "    + any-service | + parent\n"
	begin("config\n" PARENT_PROVIDES CLIENT "-");
	uint32_t const id = child("c")->id;
	CHECK(ask("c", "S", "", 8192, signal_a).error == ERROR_DENIED);
	CHECK(!add("config\n+ start s | ram: 2M\n  + provides | + service S\n"
	           "+ start t\n  + config | x: 1\n-"));
	CHECK(state("s") == CHILD_RUNNING && state("t") == CHILD_RUNNING);
	CHECK(pd("s")->ram > 2 << 19);
	CHECK(!ask("t", "ROM", "config", 8192, none).error);
	struct answer const a = ask("c", "S", "", 8192, signal_a);
	CHECK(!a.error && a.pending);

	CHECK(add("config\n+ start u\n+ start t\n-") == ERROR_CONFLICT);
	CHECK(add("config\n+ start u\n+ default | ram: 1M\n-") == ERROR_INVALID);
	CHECK(add("config\n+ start u | rum: 1M\n-") == ERROR_INVALID);
	CHECK(!child("u") && state("t") == CHILD_RUNNING);
	CHECK(configure("config\n" PARENT_PROVIDES "+ start t\n-")
	      == ERROR_CONFLICT);
	CHECK(sandbox_remove(&sandbox, "c") == ERROR_NOT_FOUND);
	CHECK(sandbox_remove(&sandbox, "u") == ERROR_NOT_FOUND);

	uint32_t const t = child("t")->id;
	CHECK(!configure("config\n" PARENT_PROVIDES CLIENT "+ start d\n-"));
	CHECK(child("t")->id == t && child("c")->id == id);
	CHECK(!sandbox_remove(&sandbox, "s"));
	CHECK(session_state_of("c", a.id) == ERROR_GONE && child("c")->id == id);
	CHECK(!sandbox_remove(&sandbox, "t") && !child("t"));
	CHECK(!add("config\n+ start t\n-") && state("t") == CHILD_RUNNING);
	finish();
}

static struct test_case const cases[] = {
	{ "sandbox.reroute", reroutes },
	{ "sandbox.severed", severed_then_closed },
	{ "sandbox.policy", policies_change },
	{ "sandbox.local", local_services },
	{ "sandbox.interpose", interposes },
	{ "sandbox.add", adds },
};
struct test_table const test_change = { cases, array_length(cases) };
