/* SPDX-License-Identifier: MIT */
/**
 * libFuzzer: valid configurations of a sandbox, damaged node by node
 *
 * The input decides, byte by byte, what becomes of each node and attribute, and
 * what children do; 0 leaves a thing as it is. What must hold of any
 * configuration:
 *
 * - one that is refused is told by node and line, and changes nothing that runs
 * - one that is accepted changes nothing when it comes a second time
 * - the first one, again, brings back the first state, but for quota that a child
 *   was given meanwhile and may have
 * - all accounts are right at any time, and nothing is left at the end
 */

#include <stdlib.h>
#include "fixture.h"

enum { TEXT = 1 << 16, CHILDREN = 8, CALLS = 40, NESTED = 34 };

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static uint8_t const *input, *input_end;

/* -- in place of test.c: the first failure counts, chance is the input's -- */

void test_failed(char const *file, int line, char const *what)
{
	fprintf(stderr, "%s:%d: %s\n%s", file, line, what, fake_log);
	abort();
}

uint32_t test_random(uint32_t limit)
{
	return input < input_end ? *input++ % limit : 0;
}

/* -- configurations that are valid -- */

static char const *const valid[] = {
	pair,

	"config\n" PARENT_PROVIDES "+ report | sessions: yes\n"
	"+ start server | ram: 3M | caps: 300\n"
	"  + provides | + service Hello | + service ROM\n"
	"  + exit | restart: yes\n"
	"+ start client | ram: 3M | ram_max: 5M | exhausted: wait\n"
	"  + route\n"
	"    + service ROM | label_last: data | + child server | label: other\n"
	"    + any-service | + local | + parent | + any-child\n"
	"  + config | x: 1\n    + below | y: 2\n-",

	"config\n" PARENT_PROVIDES "+ heartbeat | every_ms: 10\n"
	"+ start server | priority: 30 | cpu_quota: 20 | cpu: 1 | cpus: 2\n"
	"  + heartbeat | restart: 3\n  + fault | restart: yes\n"
	"  + provides\n    + service Hello\n"
	"+ start client | binary: program | version: 1\n"
	"  + route\n    + service Hello | label: a | + child server\n"
	"    + service Hello | label_prefix: b | label_suffix: c\n"
	"      + child server | label: fixed\n"
	"    + any-service   | + parent\n-",

	"config\n+ parent-provides\n  + service ROM\n  + service LOG\n"
	"  + service PD\n  + service CPU\n  + service IO_PORT\n"
	"  + service IO_MEM\n  + service IRQ\n"
	"+ default | ram: 512K | caps: 40 | ram_max: 1M | caps_max: 80\n"
	"+ default-route | + any-service | + parent\n"
	"+ start client\n"
	"  + route\n"
	"    + service IO_PORT | label: x\n"
	"      + parent | + io_port | base: 0x60 | size: 1\n"
	"      + parent | + io_port | base: 0x70 | size: 2\n"
	"    + service IO_MEM | + parent | + io_mem | base: 4K | size: 64K\n"
	"    + service IRQ | + parent | + irq | gsi: 4 | trigger: level_low\n"
	"    + service LOG | label: fixed | + parent\n"
	"                                   + session name | a: b\n"
	"    + any-service | + parent\n"
	"+ start other | + exit | propagate: yes\n-",

	"config\n" PARENT_PROVIDES
	"+ start server\n"
	"  + provides | + service PD | + service CPU | + service ROM\n"
	"+ start client\n"
	"  + route\n    + service PD  | + child server\n"
	"    + service ROM | label: other | + child server\n"
	"    + service CPU | + child server\n    + any-service | + parent\n"
	"+ start other | ram: 1M | + route | + any-service | + any-child | + parent\n"
	"-",
};

/* -- damage -- */

static char const long_word[] =
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

static char const *const values[] = {
	"", "0", "1", "2", "15K", "16K", "100", "101", "127", "128", "0xffff",
	"0x10000", "0xffffffff", "4294967296", "30M", "62M", "17179869183G",
	"17179869184G", "18446744073709551", "18446744073709551615",
	"18446744073709551616", "-1", "yes", "no", "wait", "msi", "level_low",
	"a -> b", " -> ", "config", "server", "client", "other", "missing",
	"LOG", "ROM", "PD", "CPU", "IRQ", "Hello", "Here", "Slow", long_word,
	long_word + 22, long_word + 23, long_word + 86, long_word + 87 };

static char const *const tags[] = {
	"name", "binary", "ram", "caps", "ram_max", "caps_max", "exhausted",
	"priority", "cpu_quota", "cpu", "cpus", "version", "label",
	"label_prefix", "label_suffix", "label_last", "base", "size", "gsi",
	"trigger", "every_ms", "sessions", "propagate", "restart", "keep" };

static char const *const types[] = {
	"parent-provides", "default", "default-route", "report", "heartbeat",
	"start", "provides", "route", "config", "exit", "fault", "service",
	"any-service", "parent", "child", "any-child", "local", "io_port",
	"io_mem", "irq", "session" };

/** What becomes of a thing; mostly, it stays */
enum fate { STAYS = 200, GOES = 212, TWICE = 224, OTHER_VALUE = 240 };

static uint32_t fate(void) { return test_random(256); }

static void put_value(struct hid_writer *w, struct hid_attribute const *a,
                      bool other_value, bool other_tag)
{
	char tag[64], value[256];
	string_copy_part(tag, sizeof tag, a->tag, a->tag_length);
	string_copy_part(value, sizeof value, a->value, a->value_length);
	hid_put_string(w, other_tag ? tags[test_random(array_length(tags))] : tag,
	               other_value ? values[test_random(array_length(values))]
	                           : value);
}

static void put_attributes(struct hid_writer *w, struct hid const *node)
{
	for (struct hid_attribute a = { 0 }; hid_attribute_next(node, &a);) {
		uint32_t const f = fate();
		if (f >= STAYS && f < GOES)
			continue;
		if (f >= GOES && f < TWICE)
			put_value(w, &a, false, false);
		put_value(w, &a, f >= TWICE, f >= OTHER_VALUE);
	}
}

static void put_node(struct hid_writer *w, struct hid const *node,
                     unsigned depth);

static void put_content(struct hid_writer *w, struct hid const *node,
                        unsigned depth)
{
	put_attributes(w, node);
	for (struct hid const *n = NULL; (n = hid_next(node, n, NULL));)
		put_node(w, n, depth);
}

/** As it is, with changes in it; but of another type perhaps */
static void put_one(struct hid_writer *w, struct hid const *node,
                    char const *type, unsigned depth)
{
	char own[64];
	hid_type(node, own, sizeof own);
	hid_begin(w, type ? type : own);
	put_content(w, node, depth);
	hid_end(w);
}

/** Below itself, again and again */
static void put_nested(struct hid_writer *w, struct hid const *node)
{
	unsigned const levels = 1 + test_random(NESTED);
	char type[64];
	hid_type(node, type, sizeof type);
	for (unsigned i = 0; i < levels; i++) {
		hid_begin(w, type);
		put_attributes(w, node);
	}
	for (unsigned i = 0; i < levels; i++)
		hid_end(w);
}

static void put_node(struct hid_writer *w, struct hid const *node,
                     unsigned depth)
{
	uint32_t const f = depth ? fate() : 0;
	if (f >= STAYS && f < GOES)
		return;
	if (f >= GOES && f < TWICE)
		put_one(w, node, NULL, depth + 1);
	if (f >= TWICE && f < OTHER_VALUE)
		put_nested(w, node);
	put_one(w, node, f >= OTHER_VALUE
	        ? types[test_random(array_length(types))] : NULL, depth + 1);
}

/** Returns the length of the text; 0: there is no such document */
static size_t damage(char const *text, char *buffer)
{
	static struct hid nodes[200];
	struct hid_document d = { .nodes = nodes,
	                          .capacity = array_length(nodes) };
	struct hid_writer w;
	size_t length;
	CHECK(!hid_parse(&d, text, strlen(text), NULL));
	hid_writer_init(&w, buffer, TEXT - 1);
	put_node(&w, hid_top(&d), 0);
	return hid_finish(&w, &length) ? 0 : length;
}

/* -- what must hold -- */

static char const *report(void)
{
	static char text[TEXT];
	struct hid_writer w;
	size_t length;
	hid_writer_init(&w, text, sizeof text);
	hid_begin(&w, "state");
	sandbox_report(&sandbox, &w);
	hid_end(&w);
	CHECK(!hid_finish(&w, &length));
	return text;
}

/** What a child has when nobody ever asked for anything */
struct view { char name[64]; enum child_state state; uint64_t ram, caps;
              uint32_t priority, quota; };

static struct view view_of(struct child const *c)
{
	struct view v = { .state = c->state, .priority = c->priority,
	                  .quota = c->cpu_quota };
	string_copy(v.name, sizeof v.name, c->name);
	if (c->pd.cap.cap) {
		v.ram  = fake_pds[c->pd.cap.cap - 1].ram;
		v.caps = fake_pds[c->pd.cap.cap - 1].caps;
	}
	return v;
}

static unsigned view(struct view views[CHILDREN])
{
	unsigned n = 0;
	list_for_each(&sandbox.children, node) {
		CHECK(n < CHILDREN);
		views[n++] = view_of(child_of_node(node));
	}
	return n;
}

/** At least what it had, at most what it may have: more is only taken beyond that */
static void check_quota(uint64_t now, uint64_t former, uint64_t own_max,
                        uint64_t otherwise)
{
	uint64_t const most = own_max == POLICY_DEFAULT ? otherwise : own_max;
	CHECK(now == former || (now > former && now <= most));
}

static void check_view(struct view const *views, unsigned count)
{
	struct view now[CHILDREN];
	CHECK(view(now) == count);
	for (unsigned i = 0; i < count; i++) {
		struct child const *const c = child(views[i].name);
		CHECK(c);
		struct view const v = view_of(c);
		CHECK(v.state == views[i].state);
		check_quota(v.ram, views[i].ram, c->policy.ram_max,
		            sandbox.config.ram_max);
		check_quota(v.caps, views[i].caps, c->policy.caps_max,
		            sandbox.config.caps_max);
		CHECK(v.priority == views[i].priority);
		CHECK(v.quota == views[i].quota);
	}
}

/** "config, line 3: node 'start x': …" */
static void check_refusal(char const *text)
{
	uint64_t line = 0, lines = 1;
	size_t digits = 0;
	for (; *text; text++)
		lines += *text == '\n';
	CHECK(string_starts(fake_log, "config, line "));
	char const *const number = fake_log + strlen("config, line ");
	while (number[digits] >= '0' && number[digits] <= '9')
		digits++;
	CHECK(string_number(number, digits, &line));
	CHECK(line && line <= lines);
	CHECK(string_starts(number + digits, ": node '"));
}

static void calls(void)
{
	static char const *const names[] = { "server", "client", "other" };
	for (unsigned i = 0; i < CALLS && input < input_end; i++) {
		random_call(names[test_random(3)]);
		if (test_random(8) == 1) {
			CHECK(!signal_submit(sandbox.answers.cap));
			fake_time += 100 * 1000;
			fake_run();
		}
		check_accounts();
	}
}

/** The damaged configuration, twice */
static void reconfigure(char const *text)
{
	static char before[TEXT];
	string_copy(before, sizeof before, report());
	enum error const error = configure(text);
	CHECK(!error || error == ERROR_INVALID);
	check_accounts();
	if (error) {
		check_refusal(text);
		CHECK(string_equal(before, report()));
		return;
	}
	string_copy(before, sizeof before, report());
	CHECK(!configure(text));
	CHECK(string_equal(before, report()));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char text[TEXT];
	struct view views[CHILDREN];
	input     = data;
	input_end = data + size;
	char const *const first = valid[test_random(array_length(valid))];
	bool const busy = test_random(2);
	begin(first);
	unsigned const count = view(views);
	if (busy)
		calls();
	size_t const length = damage(first, text);
	struct hid nodes[200];
	struct hid_document d = { .nodes = nodes,
	                          .capacity = array_length(nodes) };
	if (length && !hid_parse(&d, text, length, NULL)) {
		reconfigure(text);
		if (busy)
			calls();
		CHECK(!configure(first));
		if (!busy)
			check_view(views, count);
	}
	finish();
	return 0;
}
