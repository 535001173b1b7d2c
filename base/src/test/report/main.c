/* SPDX-License-Identifier: MIT */
/*
 * Property: what was reported last is what a ROM's reader finds, whole, after a
 * signal; there is no content before the first report and after the reporter's
 * end; nonsense is CORRUPT and leaves the reader as it was; too much is LIMIT.
 */

/* public */
#include <base/heap.h>
#include <base/hid.h>
#include <base/rom.h>
#include <util/minmax.h>
#include <util/string.h>

/* local */
#include "test.h"

enum { SIZE = 4096, READERS = 3 };

static struct reporter   reporter;
static struct rom_reader reader[READERS];
static signal_cap_t      changed;

/** Report of a state: its number in many places */
static enum error report(uint64_t number, unsigned nodes)
{
	struct hid_writer *const w = reporter_begin(&reporter);
	hid_begin(w, "state");
	hid_put_uint(w, "number", number);
	for (unsigned i = 0; i < nodes; i++) {
		hid_begin(w, "node");
		hid_put_uint(w, "number", number);
		hid_end(w);
	}
	hid_end(w);
	return reporter_submit(&reporter);
}

/** Number of a report that is consistent in itself */
static uint64_t number_of(struct hid const *state, unsigned *nodes)
{
	uint64_t const number = hid_uint(state, "number", 0);
	*nodes = 0;
	check(hid_type_equals(state, "state"), "not a state");
	for (struct hid const *n = NULL; (n = hid_next(state, n, "node")); ++*nodes)
		check(hid_uint(n, "number", 0) == number, "two reports in one");
	return number;
}

static void open(void)
{
	struct signal_handler handler = { 0 };
	check_ok(thread_signal(test_env, &changed));
	handler.cap = changed;
	for (unsigned i = 0; i < READERS; i++)
		check_ok(rom_reader_open(&reader[i], test_env, "state", &handler));
	/* one for each reader, which asks it to look */
	uint64_t count = 0;
	while (count < READERS)
		count += signal_wait(changed);
	check_ok(reporter_open(&reporter, test_env, "state", SIZE));
}

static void close(void)
{
	reporter_close(&reporter);
	for (unsigned i = 0; i < READERS; i++)
		rom_reader_close(&reader[i]);
	thread_signal_close(test_env, &changed);
}

static void content(void)
{
	struct hid const *state;
	unsigned nodes;
	open();
	for (unsigned i = 0; i < READERS; i++)
		check_error(rom_reader_update(&reader[i], &state), ERROR_NOT_FOUND);
	check_ok(report(7, 3));
	for (unsigned i = 0; i < READERS; i++) {
		check_ok(rom_reader_update(&reader[i], &state));
		check(number_of(state, &nodes) == 7 && nodes == 3, "other content");
	}
	/* shorter and longer ones, the former must not shine through */
	for (unsigned n = 0; n < 60; n++) {
		check_ok(report(n + 100, n * 13 % 60));
		struct rom_reader *const r = &reader[n % READERS];
		check_ok(rom_reader_update(r, &state));
		check(number_of(state, &nodes) == n + 100 && nodes == n * 13 % 60,
		      "report %u is %lu with %u nodes", n + 100,
		      hid_uint(state, "number", 0), nodes);
	}
	close();
}

static void signals(void)
{
	open();
	for (unsigned n = 0; n < 20; n++) {
		uint64_t count = 0;
		check_ok(report(n, 1));
		while (count < READERS)
			count += signal_wait(changed);
		check(count == READERS, "%lu signals for %d readers", count, READERS);
	}
	close();
}

static void limits(void)
{
	struct hid const *state;
	unsigned nodes;
	open();
	check_ok(report(1, 2));
	check_error(report(2, 1000), ERROR_LIMIT);
	/* a node that is never closed */
	hid_begin(reporter_begin(&reporter), "state");
	check_error(reporter_submit(&reporter), ERROR_INVALID);
	check_ok(rom_reader_update(&reader[0], &state));
	check(number_of(state, &nodes) == 1 && nodes == 2, "an unfinished report");
	check_ok(report(3, 1));
	check_ok(rom_reader_update(&reader[0], &state));
	check(number_of(state, &nodes) == 3, "no report after a bad one");
	close();
}

/** A reporter that does not write what it should, again and again (report.run) */
static void nonsense(void)
{
	enum { OFTEN = 30 };
	static char const *const texts[] = { "", "state", "state\n", "-", "+ state\n-\n",
		"state | number: 1\n\0-\n", "state\n\x80-\n" };
	struct report_session raw;
	struct rom_reader reading;
	struct hid const *state;
	dataspace_cap_t ds;
	unsigned nodes;
	void *at;
	check_ok(report_open(&raw, test_env, &(struct session_args) {
		.label = "state", .text = "report | buffer: 4096", .ram = SIZE }));
	check_ok(report_dataspace(raw.cap, &ds));
	check_ok(ram_attach(test_env, ds, true, &at));
	check_ok(rom_reader_open(&reading, test_env, "state", NULL));
	check_error(report_submit(raw.cap, SIZE + 1), ERROR_LIMIT);
	check_error(report_submit(raw.cap, ~0ul), ERROR_LIMIT);
	for (unsigned i = 0; i < OFTEN; i++) {
		char const *const text = texts[i % array_length(texts)];
		static char const good[] = "state | number: 5\n-\n";
		memset(at, 0, SIZE);
		memcpy(at, good, sizeof good - 1);
		size_t const before = heap_used(test_env->heap);
		check_ok(report_submit(raw.cap, SIZE));
		check_ok(rom_reader_update(&reading, &state));
		check(number_of(state, &nodes) == 5, "good one");
		memset(at, 0, SIZE);
		memcpy(at, text, strlen(text));
		check_ok(report_submit(raw.cap, strlen(text)));
		enum error const error = rom_reader_update(&reading, &state);
		check(error == ERROR_CORRUPT || error == ERROR_NOT_FOUND, "text %u: %s",
		      i, error_text(error));
		check(!state, "content of nonsense");
		check(heap_used(test_env->heap) == before,
		      "text %u: former content kept", i);
	}
	rom_reader_close(&reading);
	ram_detach(test_env, at);
	cap_drop(ds.cap);
	report_close(&raw);
}

/** Who may read only so much is not made to pay for more */
static void bounded(void)
{
	struct rom_reader bounded = { 0 };
	struct pd_account before, now;
	struct hid const *state;
	unsigned nodes;
	open();
	check_ok(rom_reader_open(&bounded, test_env, "short", NULL));
	check_ok(report(1, 1));
	check_ok(rom_reader_update(&bounded, &state));
	check_ok(report(2, 100));
	check_error(rom_reader_update(&bounded, &state), ERROR_LIMIT);
	check_ok(pd_account(test_env->pd, &before));
	check_error(rom_reader_update(&bounded, &state), ERROR_LIMIT);
	check_ok(pd_account(test_env->pd, &now));
	check(now.ram_used == before.ram_used && now.ram_limit == before.ram_limit,
	      "who reads pays for what it does not get");
	check_ok(report(3, 1));
	check_ok(rom_reader_update(&bounded, &state));
	check(number_of(state, &nodes) == 3, "nothing after a long one");
	rom_reader_close(&bounded);
	close();
}

static void ends(void)
{
	struct hid const *state;
	unsigned nodes;
	open();
	check_ok(report(1, 1));
	check_ok(rom_reader_update(&reader[0], &state));
	reporter_close(&reporter);
	check(number_of(state, &nodes) == 1, "what was read changes");
	wait_for(rom_reader_update(&reader[0], &state) == ERROR_NOT_FOUND,
	         "content of a reporter that is gone");
	check_ok(reporter_open(&reporter, test_env, "state", SIZE));
	check_ok(report(2, 1));
	check_ok(rom_reader_update(&reader[0], &state));
	check(number_of(state, &nodes) == 2, "not the new reporter's");
	close();
}

/* -- reporter and readers at once -- */

static bool volatile stop;

static void read(struct worker *worker)
{
	struct rom_reader *const own = &reader[worker->index];
	struct hid const *state;
	uint64_t last = 0;
	unsigned nodes;
	while (!stop) {
		check_ok(rom_reader_update(own, &state));
		uint64_t const number = number_of(state, &nodes);
		check(number >= last, "%lu after %lu", number, last);
		last = number;
		worker->count++;
	}
}

static void concurrent(void)
{
	static struct worker workers[READERS];
	open();
	stop = false;
	check_ok(report(1, 5));
	workers_open(workers, READERS, 32, read);
	for (unsigned n = 0; n < READERS * 20; n++) {
		uint64_t volatile *const count = &workers[n % READERS].count;
		uint64_t const before = *count;
		check_ok(report(n + 2, n % 50));
		wait_for(*count != before, "reader %u stands still", n % READERS);
	}
	stop = true;
	workers_join(workers, READERS);
	close();
}

static struct test_step const steps[] = {
	{ "content", content }, { "signals", signals }, { "limits", limits },
	{ "nonsense", nonsense }, { "bounded", bounded },
	{ "end of a reporter", ends },
	{ "at once", concurrent },
};

enum error component_construct(struct env *env)
{
	/* when it is answered, the server has let go of the former life's */
	static struct report_session first;
	enum error const error = report_open(&first, env,
		&(struct session_args) { .label = "first" });
	return error ? error : test_main(env, steps, sizeof steps / sizeof *steps);
}
