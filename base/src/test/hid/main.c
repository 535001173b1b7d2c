/* SPDX-License-Identifier: MIT */
/*
 * Property: on the target, too, what the generator writes is what the parser
 * reads; malformed text is refused with its line; bounds of storage, depth and
 * attributes are errors; the configuration of a component is what init was told.
 * (base/test/host has the details, and the fuzzer.)
 */

/* public */
#include <base/heap.h>
#include <base/hid.h>
#include <util/format.h>
#include <util/string.h>

/* local */
#include "test.h"

enum { SIZE = 16384, NODES = 512, WORKERS = 4 };

struct place {
	char       text[2][SIZE];
	struct hid nodes[2][NODES];
};

static struct place place[WORKERS + 1];

static void write_tree(struct hid_writer *w, uint64_t *seed, unsigned depth)
{
	char tag[16], value[40];
	uint64_t const attributes = test_random(seed) % 6;
	for (unsigned i = 0; i < attributes; i++) {
		uint64_t const r = test_random(seed);
		format_text(tag, sizeof tag, "a%u", i);
		switch (r % 5) {
		case 0: hid_put_uint(w, tag, r); break;
		case 1: hid_put_hex(w, tag, r >> 20); break;
		case 2: hid_put_bool(w, tag, r & 64); break;
		case 3: hid_put_size(w, tag, r << 12); break;
		case 4:
			format_text(value, sizeof value, "v: %lx . + x -", r);
			hid_put_string(w, tag, value);
		}
	}
	if (depth > 1 && test_random(seed) % 5 == 0)
		hid_put_quoted(w, "a | b\n\tc\n", 9);
	for (uint64_t n = depth < 6 ? test_random(seed) % 4 : 0; n; n--) {
		hid_begin(w, n % 2 ? "odd" : "even");
		if (n == 3)
			hid_put_name(w, "third");
		write_tree(w, seed, depth + 1);
		hid_end(w);
	}
}

/** Write, read, write what was read, read again: the same */
static void round_trip(struct place *p, uint64_t seed)
{
	struct hid_document document[2];
	struct hid_writer w;
	struct hid_error problem = { .line = 0 };
	size_t length[2];

	hid_writer_init(&w, p->text[0], SIZE);
	hid_begin(&w, "top");
	write_tree(&w, &seed, 0);
	hid_end(&w);
	check_ok(hid_finish(&w, &length[0]));
	for (unsigned i = 0; i < 2; i++) {
		document[i] = (struct hid_document) { .nodes = p->nodes[i],
		                                      .capacity = NODES };
		enum error const error =
			hid_parse(&document[i], p->text[i], length[i], &problem);
		check(!error, "line %u: %s", problem.line, problem.text);
		check(document[i].count <= hid_node_count(p->text[i], length[i]),
		      "more nodes than announced");
		if (i)
			break;
		hid_writer_init(&w, p->text[1], SIZE);
		hid_put_node(&w, hid_top(&document[0]));
		check_ok(hid_finish(&w, &length[1]));
	}
	check(document[0].count == document[1].count, "%u nodes became %u",
	      document[0].count, document[1].count);
	check(hid_same(hid_top(&document[0]), hid_top(&document[1])), "not the same");
}

static void round_trips(void)
{
	for (uint64_t seed = 1; seed <= 60; seed++)
		round_trip(&place[WORKERS], seed * 7919);
}

static void work(struct worker *worker)
{
	for (uint64_t seed = 1; seed <= test_rounds(40); seed++)
		round_trip(&place[worker->index], seed * 31 + worker->index);
}

static void concurrent(void)
{
	static struct worker workers[WORKERS];
	workers_open(workers, WORKERS, 0, work);
	workers_join(workers, WORKERS);
}

static void malformed(void)
{
	static struct { char const *text; uint32_t line; } const bad[] = {
		{ "config\n+ start a\n", 3 }, { "config\nstray\n-\n", 2 },
		{ "config | a: 1 | a: 2\n-\n", 1 }, { "conf~ig\n-\n", 1 },
		{ "+ config\n-\n", 1 }, { "config\n\t+ tab\n-\n", 2 },
		{ "Config\n-\n", 1 }, { "config\n+ 1a\n-\n", 2 },
	};
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct hid_document document = { .nodes = place[0].nodes[0],
		                                 .capacity = NODES };
		struct hid_error problem = { .line = 0 };
		check_error(hid_parse(&document, bad[i].text, strlen(bad[i].text),
		                      &problem), ERROR_CORRUPT);
		check(problem.line == bad[i].line && problem.text[0],
		      "text %u: line %u, \"%s\"", i, problem.line, problem.text);
		check(!hid_top(&document), "a node of malformed text");
		check(hid_uint(NULL, "a", 5) == 5 && !hid_next(NULL, NULL, NULL),
		      "no node is not an empty one");
	}
}

static void bounds(void)
{
	struct hid_document document = { .nodes = place[0].nodes[0], .capacity = 2 };
	char *const text = place[0].text[0];
	struct hid_writer w;
	size_t length, needed;
	check_error(hid_parse(&document, "a\n+ b\n+ c\n-\n", 12, NULL), ERROR_LIMIT);
	document.capacity = NODES;
	for (unsigned depth = HID_DEPTH - 2; depth < HID_DEPTH + 3; depth++) {
		char *end = text;
		for (unsigned i = 0; i < depth; i++) {
			memset(end, ' ', i * 2);
			memcpy(end + i * 2, i ? "+ n\n" : "top\n", 4);
			end += i * 2 + 4;
		}
		memcpy(end, "-\n", 2);
		enum error const error =
			hid_parse(&document, text, (size_t)(end + 2 - text), NULL);
		check(error == (depth <= HID_DEPTH ? ERROR_OK : ERROR_LIMIT),
		      "%u levels: %s", depth, error_text(error));
	}
	/* each length that is too short, and the first that is not */
	hid_writer_init(&w, text, SIZE);
	hid_begin(&w, "top");
	hid_put_string(&w, "key", "value");
	hid_end(&w);
	check_ok(hid_finish(&w, &needed));
	for (size_t size = 0; size <= needed; size++) {
		memset(text, '#', SIZE);
		hid_writer_init(&w, text, size);
		hid_begin(&w, "top");
		hid_put_string(&w, "key", "value");
		hid_end(&w);
		enum error const error = hid_finish(&w, &length);
		check(length == needed && text[size] == '#', "size %zu: %zu", size,
		      length);
		check(error == (size < needed ? ERROR_LIMIT : ERROR_OK), "size %zu: %s",
		      size, error_text(error));
	}
}

static void configuration(void)
{
	char text[32];
	struct hid const *const config = test_env->config;
	struct hid const *const sub = hid_next(config, NULL, "sub");
	check(hid_type_equals(config, "config"), "not a config");
	check(hid_uint(config, "number", 0) == 64 << 10, "number");
	check(hid_bool(config, "flag", false), "flag");
	check(hid_string(config, "text", text, sizeof text)
	      && string_equal(text, "a b: c"), "text is \"%s\"", text);
	check(hid_name(sub, text, sizeof text) && string_equal(text, "first"),
	      "name is \"%s\"", text);
	check(hid_has(hid_next(sub, NULL, "inner"), "deep"), "inner");
	check(!hid_next(config, sub, "sub"), "a disabled node");
}

static struct test_step const steps[] = {
	{ "round trips", round_trips }, { "on all CPUs", concurrent },
	{ "malformed", malformed }, { "bounds", bounds },
	{ "configuration", configuration },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
