/* SPDX-License-Identifier: MIT */
/* What configurations say: starts, errors, grants, labels, CPUs, limits */

#include "fixture.h"

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
	finish();

	begin("config\n" PARENT_PROVIDES "+ start one | binary: missing\n-");
	CHECK(state("one") == CHILD_FAILED);
	CHECK(fake_pds[0].ram == FAKE_RAM);
	finish();

	begin("config\n" PARENT_PROVIDES "+ start one | ram: 1G\n"
	      "+ start two\n-");
	CHECK(state("one") == CHILD_FAILED && state("two") == CHILD_RUNNING);
	finish();
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
	CHECK(configure("config\n+ heartbeat | every_ms: 18446744073709551\n-")
	      == ERROR_INVALID);
	CHECK(state("server") == CHILD_RUNNING && state("client") == CHILD_RUNNING);
	CHECK(configure("config\n" PARENT_PROVIDES "+ start client\n"
	      "  + route\n    + service X   | + child nobody\n"
	      "    + any-service | + parent\n-") == ERROR_OK);
	CHECK(string_equal(fake_log,
	      "config, line 12: there is no child 'nobody'\n"));
	finish();
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
	finish();
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
	finish();
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
	finish();
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
		finish();
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
	finish();
}

/** New CPUs, too; a child that cannot move is started again */
static void moves_live(void)
{
	begin("config\n" PARENT_PROVIDES "+ start c | cpu: 2 | cpus: 4\n-");
	uint32_t const id = child("c")->id;
	CHECK(!ask("c", "CPU", "", 8192, none).error);
	CHECK(!configure("config\n" PARENT_PROVIDES
	                 "+ start c | cpu: 5 | cpus: 2\n-"));
	CHECK(child("c")->id == id);
	CHECK(fake_own_affinity.first == 5 && fake_own_affinity.count == 2);
	CHECK(fake_affinity.first == 5 && fake_affinity.count == 2);

	fake_change_answer = ERROR_INVALID;
	CHECK(!configure("config\n" PARENT_PROVIDES
	                 "+ start c | cpu: 6 | cpus: 2\n-"));
	CHECK(child("c")->id != id && state("c") == CHILD_RUNNING);
	CHECK(fake_own_affinity.first == 5);
	fake_change_answer = ERROR_OK;
	finish();
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
	finish();
}

static struct test_case const cases[] = {
	{ "sandbox.start", starts },
	{ "sandbox.bad_configuration", bad_configurations },
	{ "sandbox.bad_grants", bad_grants },
	{ "sandbox.grants", grants },
	{ "sandbox.label", labels },
	{ "sandbox.cpus", cpus },
	{ "sandbox.limits", limits },
	{ "sandbox.move-live", moves_live },
	{ "sandbox.move", moves_within },
};
struct test_table const test_config = { cases, array_length(cases) };
