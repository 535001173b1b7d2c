/* SPDX-License-Identifier: MIT */
/* The sandbox library on a simulated core: routes, sessions, accounts, life */

#include "fake_core.h"
#include <base/hid.h>
#include <os/sandbox.h>
#include <rpc/parent.h>
#include <stdio.h>
#include <test.h>
#include <util/container_of.h>
#include <util/format.h>
#include <util/minmax.h>
#include <util/string.h>

#include "connection.h"

static struct sandbox sandbox;
static struct service here = { .name = "Here" };
static struct sandbox_service local = { .service = &here };
static int exit_value;
static unsigned state_calls;

static void on_exit(struct sandbox *s, int value) { exit_value = value; }
static void on_state(struct sandbox *s) { state_calls++; }

static struct sandbox_ops const ops = { .state = on_state, .exit = on_exit };

static enum error configure(char const *text)
{
	static struct hid nodes[200];
	struct hid_document d = { .nodes = nodes, .capacity = 200 };
	struct hid_error problem;
	if (hid_parse(&d, text, strlen(text), &problem))
		printf("line %u: %s\n", problem.line, problem.text);
	fake_log[0] = 0;
	enum error const error = sandbox_configure(&sandbox, hid_top(&d));
	fake_run();
	return error;
}

static void begin(char const *text)
{
	fake_reset();
	sandbox = (struct sandbox) { .ops = &ops };
	exit_value = -1;
	CHECK(sandbox_open(&sandbox, &fake_env) == ERROR_OK);
	sandbox_provide(&sandbox, &local);
	CHECK(configure(text) == ERROR_OK);
	if (fake_log[0])
		printf("%s", fake_log);
}

static void check_accounts(void)
{
	CHECK(fake_total_ram() == FAKE_RAM);
	CHECK(fake_total_caps() == FAKE_CAPS);
}

static void end(void)
{
	check_accounts();
	sandbox_close(&sandbox);
	check_accounts();
	CHECK(fake_pds[0].ram == FAKE_RAM && fake_pds[0].caps == FAKE_CAPS);
	CHECK(fake_held() == 0);
	CHECK(fake_allocated() == 0);
}

static struct child *child(char const *name)
{
	return child_by_name(&sandbox, name);
}

static struct fake_pd *pd(char const *name)
{
	return &fake_pds[child(name)->pd.cap.cap - 1];
}

static enum child_state state(char const *name) { return child(name)->state; }

/* -- the parent interface, as a child calls it -- */

struct answer { enum error error; uint32_t id; bool pending; cap_t cap; };

static struct answer ask_for(char const *name, char const *service,
                             char const *label, char const *text, uint64_t ram,
                             signal_cap_t changed)
{
	struct parent_donation const donation = { .ram = ram, .caps = 4,
	                                          .losable = changed.cap };
	struct answer a = { 0 };
	object_cap_t cap = { 0 };
	a.error = child_parent_ops.session(&child(name)->parent, service, label,
	                                   text, &donation, changed, &a.id,
	                                   &a.pending, &cap);
	a.cap = cap.cap;
	return a;
}

static struct answer ask(char const *name, char const *service,
                         char const *label, uint64_t ram, signal_cap_t changed)
{
	return ask_for(name, service, label, "", ram, changed);
}

static enum error session_state_of(char const *name, uint32_t id)
{
	object_cap_t cap = { 0 };
	return child_parent_ops.session_state(&child(name)->parent, id, &cap);
}

static enum error close_session(char const *name, uint32_t id)
{
	return child_parent_ops.close(&child(name)->parent, id);
}

static enum error announce(char const *name, char const *service,
                           signal_cap_t requests)
{
	return child_parent_ops.announce(&child(name)->parent, service, requests);
}

struct request {
	enum error error;
	struct parent_request_info info;
	char service[32], label[128], text[160];
	object_cap_t behind;
};

static struct request fetch(char const *name)
{
	struct request r = { 0 };
	r.error = child_parent_ops.request(&child(name)->parent, &r.info,
	                                   r.service, r.label, r.text,
	                                   &r.behind);
	return r;
}

static enum error deliver(char const *name, uint32_t id, cap_t cap)
{
	return child_parent_ops.deliver(&child(name)->parent, id,
	                                (object_cap_t) { cap });
}

static enum error respond(char const *name, uint32_t id, enum error reason)
{
	return child_parent_ops.respond(&child(name)->parent, id,
	                                (uint32_t)reason);
}

static enum error exit_child(char const *name, int value)
{
	return child_parent_ops.exit(&child(name)->parent, value);
}

static signal_cap_t const none, signal_a = { 150001 }, signal_b = { 150002 };
enum { SESSION_CAP = 150100 };

#define PARENT_PROVIDES \
	"+ parent-provides\n" \
	"  + service LOG\n" \
	"  + service ROM\n" \
	"  + service PD\n" \
	"  + service CPU\n" \
	"  + service Slow\n" \
	"+ default | ram: 1M | caps: 100\n" \
	"+ default-route | + any-service | + parent | + any-child\n"

static char const pair[] =
	"config\n" PARENT_PROVIDES
	"+ start server\n"
	"  + provides | + service Hello\n"
	"+ start client\n"
	"-";

/* -- cases -- */

static void starts(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start one | ram: 2M | caps: 20 | binary: program\n"
	      "x start two\n-");
	CHECK(child("one") && !child("two") && state("one") == CHILD_RUNNING);
	CHECK(pd("one")->started && pd("one")->referenced);
	CHECK(pd("one")->ram == 2 << 20 && pd("one")->caps == 20);
	CHECK(pd("one")->log && pd("one")->binary && pd("one")->parent);
	CHECK(string_equal(fake_parent_label, "one -> program"));
	end();

	begin("config\n" PARENT_PROVIDES "+ start one | binary: missing\n-");
	CHECK(state("one") == CHILD_FAILED);
	CHECK(fake_pds[0].ram == FAKE_RAM);
	end();

	begin("config\n" PARENT_PROVIDES "+ start one | ram: 1G\n"
	      "+ start two\n-");
	CHECK(state("one") == CHILD_FAILED && state("two") == CHILD_RUNNING);
	end();
}

static void bad_configurations(void)
{
	begin(pair);
	CHECK(configure("config\n+ strat x\n-") == ERROR_INVALID);
	CHECK(string_equal(fake_log,
	      "config, line 2: node 'config': unknown node 'strat'\n"));
	CHECK(configure("config\n\n+ start x\n  rma: 1M\n-") == ERROR_INVALID);
	CHECK(string_equal(fake_log,
	      "config, line 4: node 'start x': unknown attribute 'rma'\n"));
	CHECK(configure("config\n+ start x | ram: 1K\n-") == ERROR_INVALID);
	CHECK(configure("config\n+ start x\n+ start x\n-") == ERROR_INVALID);
	CHECK(configure("config\n+ start x\n  + route | + service A | + chld b\n-")
	      == ERROR_INVALID);
	CHECK(state("server") == CHILD_RUNNING && state("client") == CHILD_RUNNING);
	CHECK(configure("config\n" PARENT_PROVIDES "+ start client\n"
	      "  + route\n    + service X   | + child nobody\n"
	      "    + any-service | + parent\n-") == ERROR_OK);
	CHECK(string_equal(fake_log,
	      "config, line 12: there is no child 'nobody'\n"));
	end();
}

/** Errors of grants that the schema does not see; children run on */
static void bad_grants(void)
{
	static struct { char const *rule, *complaint; } const cases[] = {
		{ "service LOG | + parent | + io_port | base: 1 | size: 1",
		  "'io_port': is of no use to the service of its rule" },
		{ "any-service | + parent | + io_port | base: 0xffff | size: 2",
		  "'io_port': goes beyond the last address" },
		{ "any-service | + parent | + io_mem | base: 4K",
		  "'io_mem': has a base without size, or a size without base" },
		{ "service IRQ | + parent | + irq | gsi: 3 | trigger: msi",
		  "'irq': is message-signalled and has no GSI" },
	};
	begin(pair);
	for (unsigned i = 0; i < array_length(cases); i++) {
		char config[256], complaint[128];
		format_text(config, sizeof config, "config\n+ start x\n"
			"  + route\n    + %s\n-", cases[i].rule);
		format_text(complaint, sizeof complaint,
			"config, line 4: node %s\n", cases[i].complaint);
		CHECK(configure(config) == ERROR_INVALID);
		CHECK(string_equal(fake_log, complaint));
	}
	CHECK(state("server") == CHILD_RUNNING && state("client") == CHILD_RUNNING);
	CHECK(!child("x"));
	end();
}

/** The text that the own parent sees; NULL: denied */
static void grants(void)
{
	begin("config\n+ parent-provides\n  + service ROM\n  + service LOG\n"
	      "  + service PD\n  + service CPU\n  + service IO_PORT\n"
	      "  + service IRQ\n"
	      "+ start c\n"
	      "  + route\n"
	      "    + service IO_PORT | label: x\n"
	      "      + parent | + io_port | base: 0x60 | size: 1\n"
	      "      + parent | + io_port | base: 0x70 | size: 2\n"
	      "    + service IRQ | + parent | + irq | gsi: 4\n"
	      "    + service LOG | label: fixed | + parent\n"
	      "                                   + session name | a: b\n"
	      "    + any-service | + parent\n-");
	static char const *const cases[][4] = {
		{ "IO_PORT", "x", "", "io_port | base: 0x60 | size: 0x1" },
		{ "IO_PORT", "x", "p | base: 0x71 | size: 1",
		  "io_port | base: 0x71 | size: 0x1" },
		{ "IO_PORT", "x", "p | base: 0x71 | size: 2", NULL },
		{ "IO_PORT", "", "p | base: 0x60 | size: 1", NULL },
		{ "IRQ", "", "", "irq | gsi: 4 | trigger: edge" },
		{ "IRQ", "", "i | trigger: level_low",
		  "irq | gsi: 4 | trigger: level_low" },
		{ "IRQ", "", "i | trigger: msi", NULL },
		{ "IRQ", "", "i | gsi: 5", NULL },
		{ "LOG", "fixed", "mine", "session | name: name | a: b" },
		{ "LOG", "", "mine", "mine" },
	};
	for (unsigned i = 0; i < array_length(cases); i++) {
		char const *const text = cases[i][3];
		struct answer const a = ask_for("c", cases[i][0], cases[i][1],
		                                cases[i][2], 8192, none);
		CHECK(a.error == (text ? ERROR_OK : ERROR_DENIED));
		CHECK(!text || string_equal(fake_parent_text, text));
	}
	end();
}

static void labels(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start c\n"
	      "  + route\n"
	      "    + service ROM | label: a        | + parent | label: exact\n"
	      "    + service ROM | label_prefix: b | + parent | label: prefix\n"
	      "    + service ROM | label_suffix: z | + parent | label: suffix\n"
	      "    + service ROM | label_last: l   | + parent | label: last\n"
	      "    + service ROM | label_prefix: y | label_suffix: y2\n"
	      "                                    | + parent | label: both\n"
	      "    + service None\n"
	      "    + service Slow | + child c | + parent\n"
	      "    + any-service  | + parent\n-");
	static char const *const cases[][2] = {
		{ "a", "exact" }, { "aa", "c -> aa" }, { "bc", "prefix" },
		{ "xyz", "suffix" }, { "m -> l", "last" }, { "l", "last" },
		{ "k -> ll", "c -> k -> ll" }, { "y2", "both" },
		{ "yz", "suffix" }, { "", "c" },
	};
	for (unsigned i = 0; i < array_length(cases); i++) {
		CHECK(!ask("c", "ROM", cases[i][0], 8192, none).error);
		CHECK(string_equal(fake_parent_label, cases[i][1]));
	}
	CHECK(ask("c", "None", "", 8192, none).error == ERROR_DENIED);
	CHECK(ask("c", "Unknown", "", 8192, none).error == ERROR_DENIED);
	CHECK(ask("c", "Slow", "", 8192, none).pending);
	CHECK(ask("c", "ROM", "missing", 8192, none).error == ERROR_NOT_FOUND);
	char label[128];
	memset(label, 'x', 127);
	label[127] = 0;
	CHECK(ask("c", "ROM", label, 8192, none).error == ERROR_LIMIT);
	end();
}

/** CPUs of a session that the child asks for, by what its start node says */
static void cpus_of(char const *service)
{
	/* count 0: all from there on */
	static struct { char const *node; uint32_t ask[2], get[2]; } const cases[] = {
		{ "",                     { 1, 2 }, { 1, 2 } },
		{ "| cpu: 2",             { 0, 0 }, { 2, 0 } },
		{ "| cpu: 2",             { 1, 1 }, { 3, 1 } },
		{ "| cpu: 2",    { UINT32_MAX, 0 }, { UINT32_MAX - 1, 0 } },
		{ "| cpus: 2",            { 0, 0 }, { 0, 2 } },
		{ "| cpu: 1 | cpus: 2",   { 0, 9 }, { 1, 2 } },
		{ "| cpu: 1 | cpus: 2",   { 7, 0 }, { 2, 1 } },
	};
	for (unsigned i = 0; i < array_length(cases); i++) {
		char config[512];
		format_text(config, sizeof config,
			"config\n"
			"+ parent-provides | + service PD  | + service CPU\n"
			"                  | + service LOG | + service ROM\n"
			"                  | + service IRQ\n"
			"+ default-route\n"
			"  + service IRQ | + parent | + irq | gsi: 4\n"
			"  + any-service | + parent\n"
			"+ default | ram: 1M | caps: 100\n"
			"+ start c %s\n-", cases[i].node);
		begin(config);
		struct parent_donation const donation = { .ram = 8192, .caps = 4,
			.cpu_first = cases[i].ask[0], .cpu_count = cases[i].ask[1] };
		object_cap_t cap = { 0 };
		uint32_t id;
		bool pending;
		CHECK(!child_parent_ops.session(&child("c")->parent, service, "",
			"", &donation, none, &id, &pending, &cap));
		CHECK(fake_cpu_first == cases[i].get[0]);
		CHECK(fake_cpu_count == cases[i].get[1]);
		end();
	}
}

/** Those of CPU sessions, and where interrupts arrive */
static void cpus(void)
{
	cpus_of("CPU");
	cpus_of("IRQ");
}

/** New limits reach the child's own threads and those of its children */
static void limits(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start c | priority: 30 | cpu_quota: 20\n-");
	struct rpc_object *const parent = &child("c")->parent;
	uint32_t const id = child("c")->id;
	struct answer const cpu = ask_for("c", "CPU", "",
		"cpu | priority: 50 | quota: 5", 8192, none);
	CHECK(!cpu.error && string_equal(fake_parent_text,
	                                 "cpu | priority: 30 | quota: 5"));
	CHECK(!configure("config\n" PARENT_PROVIDES
	                 "+ start c | priority: 60 | cpu_quota: 20\n-"));
	CHECK(string_equal(fake_limits, "cpu | priority: 60 | quota: 20"));
	CHECK(string_equal(fake_parent_text, "cpu | priority: 50 | quota: 5"));

	fake_change_answer = ERROR_LIMIT;
	CHECK(!configure("config\n" PARENT_PROVIDES
	                 "+ start c | priority: 10\n-"));
	CHECK(strlen(fake_log) && child("c")->priority == 60);
	CHECK(child_parent_ops.change(parent, cpu.id, "cpu") == ERROR_LIMIT);
	fake_change_answer = ERROR_OK;
	CHECK(!configure("config\n" PARENT_PROVIDES
	                 "+ start c | priority: 10 | ram: 2M\n-"));
	CHECK(string_equal(fake_limits, "cpu | priority: 10 | quota: 0"));
	CHECK(string_equal(fake_parent_text, "cpu | priority: 10 | quota: 0"));
	CHECK(!child_parent_ops.change(parent, cpu.id, "cpu | priority: 7"));
	CHECK(string_equal(fake_parent_text, "cpu | priority: 7 | quota: 0"));

	struct answer const log = ask("c", "LOG", "", 8192, none);
	CHECK(child_parent_ops.change(parent, log.id, "") == ERROR_INVALID);
	CHECK(child_parent_ops.change(parent, 99, "") == ERROR_NOT_FOUND);
	CHECK(child("c")->id == id);
	end();
}

/** CPUs of an open session are bounded by the client's, each time anew */
static void moves_within(void)
{
	begin("config\n" PARENT_PROVIDES "+ start c | cpu: 2 | cpus: 4\n-");
	struct rpc_object *const parent = &child("c")->parent;
	uint32_t const cpu = ask("c", "CPU", "", 8192, none).id;
	CHECK(!child_parent_ops.move(parent, cpu, 1, 2));
	CHECK(fake_affinity.first == 3 && fake_affinity.count == 2);
	CHECK(!child_parent_ops.move(parent, cpu, 0, 0));
	CHECK(fake_affinity.first == 2 && fake_affinity.count == 4);
	CHECK(!child_parent_ops.move(parent, cpu, 9, 9));
	CHECK(fake_affinity.first == 5 && fake_affinity.count == 1);

	fake_change_answer = ERROR_GONE;
	CHECK(child_parent_ops.move(parent, cpu, 0, 1) == ERROR_GONE);
	fake_change_answer = ERROR_OK;
	uint32_t const log = ask("c", "LOG", "", 8192, none).id;
	CHECK(child_parent_ops.move(parent, log, 0, 1) == ERROR_INVALID);
	CHECK(child_parent_ops.move(parent, 99, 0, 1) == ERROR_NOT_FOUND);
	end();
}

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
	end();
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
	end();
}

/** An open session of the client */
static struct answer open_hello(void)
{
	struct answer const a = ask("client", "Hello", "", 10000, signal_a);
	CHECK(!announce("server", "Hello", signal_b));
	CHECK(!fetch("server").error && !deliver("server", a.id, SESSION_CAP));
	fake_signals(signal_a.cap);
	return a;
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
}

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
	end();
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
	end();
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
	end();
}

static void faults(void)
{
	begin("config\n" PARENT_PROVIDES
	      "+ start a\n"
	      "+ start b | + fault | restart: yes\n"
	      "+ start c | + fault | keep: yes\n-");
	char const *const names[] = { "a", "b", "c" };
	uint64_t const ram = fake_pds[0].ram;
	for (unsigned i = 0; i < 3; i++) {
		fake_fault = true;
		CHECK(!signal_submit(child(names[i])->fault.cap));
		fake_run();
	}
	CHECK(state("a") == CHILD_FAULTED && !child("a")->pd.cap.cap);
	CHECK(state("b") == CHILD_RUNNING && child("b")->restarts == 1);
	CHECK(state("c") == CHILD_FAULTED && child("c")->pd.cap.cap);
	CHECK(fake_pds[0].ram > ram);
	end();
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
	end();
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
	end();
}

/* -- trade -- */

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
	end();
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
	end();
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
	end();
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
	end();
}

/* -- live changes -- */

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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
}

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
	end();
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
	end();
}

/* -- hostile children -- */

static void random_step(void)
{
	static char const *const names[] = { "server", "client", "other" };
	static char const *const services[] = { "Hello", "ROM", "Slow", "Here" };
	static char const *const labels[] = { "", "config", "missing", "x" };
	char const *const name = names[test_random(3)];
	uint32_t const id = sandbox.last_id - test_random(12);
	struct child *const c = child(name);
	if (!c || c->state != CHILD_RUNNING)
		return;
	switch (test_random(16)) {
	case 0: case 1: case 2: case 3:
		ask(name, services[test_random(4)], labels[test_random(4)],
		    test_random(100000), test_random(2) ? signal_a : none);
		break;
	case 4: case 5: close_session(name, id); break;
	case 6: case 7: fetch(name); break;
	case 8: deliver(name, id, SESSION_CAP); break;
	case 9: respond(name, id, (enum error)test_random(30)); break;
	case 10: session_state_of(name, id); break;
	case 11: announce(name, "Hello", signal_b); break;
	case 12:
		error_ignore(child_parent_ops.upgrade(&c->parent, id,
		             test_random(100000), test_random(3)), "any");
		break;
	case 13:
		error_ignore(child_parent_ops.resource_request(&c->parent,
		             test_random(100000), test_random(3), signal_a), "any");
		error_ignore(child_parent_ops.yield_response(&c->parent), "any");
		break;
	case 14: fake_answer((enum error)test_random(3)); break;
	case 15:
		if (!test_random(20))
			exit_child(name, 0);
	}
}

static void hostile(void)
{
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
		random_step();
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
	end();
}

int main(void)
{
	static struct test_case const cases[] = {
		{ "sandbox.start", starts },
		{ "sandbox.bad_configuration", bad_configurations },
		{ "sandbox.bad_grants", bad_grants },
		{ "sandbox.grants", grants }, { "sandbox.label", labels }, { "sandbox.cpus", cpus },
		{ "sandbox.limits", limits }, { "sandbox.move", moves_within },
		{ "sandbox.serve", serves },
		{ "sandbox.refuse", refuses },
		{ "sandbox.held", held },
		{ "sandbox.server_dies", server_dies },
		{ "sandbox.client_dies", client_dies },
		{ "sandbox.thief", thief },
		{ "sandbox.pending", pending_at_parent },
		{ "sandbox.binary_of_child", binary_of_a_child },
		{ "sandbox.waiting_for_dead", waiting_for_dead },
		{ "sandbox.inline_config", inline_configuration },
		{ "sandbox.reconfigure", reconfigures },
		{ "sandbox.queued", queued_survives_restart },
		{ "sandbox.exit", exits }, { "sandbox.fault", faults },
		{ "sandbox.heartbeat", heartbeats },
		{ "sandbox.grow", grows },
		{ "sandbox.grow_by_parent", grows_by_parent },
		{ "sandbox.start_late", starts_when_parent_gives },
		{ "sandbox.shrink", shrinks }, { "sandbox.reroute", reroutes },
		{ "sandbox.severed", severed_then_closed },
		{ "sandbox.policy", policies_change },
		{ "sandbox.local", local_services },
		{ "sandbox.interpose", interposes },
		{ "sandbox.add", adds },
		{ "sandbox.behind", stands_behind },
		{ "sandbox.behind-later", stands_behind_later },
		{ "sandbox.report", reports }, { "sandbox.hostile", hostile },
	};
	return test_run(cases, array_length(cases));
}
