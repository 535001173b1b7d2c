/* SPDX-License-Identifier: MIT */
/*
 * Gives a component configurations of all kinds, and looks at what it does
 *
 *     config | subject: rom_filter | schema: rom_filter.hsd | seed: 1 | rounds: 99
 *            | changes: 8 | says: mode | beats: yes | load: 80
 *     + sandbox | (configuration of a sandbox in which the subject is)
 *     + sample
 *       + config | (a valid configuration)
 *
 * There are so many rounds, one configuration each. A subject that looks at changes
 * has 'changes' of them while it runs, of which the last is the valid one, as is the
 * first one of all; otherwise it starts anew. Whatever comes, the subject does not
 * fault, gives signs of life ("beats: no": it may be busy), computes no more than
 * 'load' percent of the time, and names the line of a text that is none. It may exit,
 * but tells why if the value is not 0. With the valid one, it has no error to tell,
 * and somebody in the sandbox says "says".
 *
 * Exits with 0 if that was so. Otherwise the log has the configuration.
 */

/* public */
#include <base/component.h>
#include <base/hid.h>
#include <base/rom.h>
#include <util/string.h>

/* local */
#include "generate.h"
#include "serve.h"

enum { LOOK_US = 5000, BEATS_US = 25000, LOOKS = 4000,
       STATE = 8192, NODES = 64 };

/** What the subject has come to */
struct state {
	char     name[16], cause[80];
	uint64_t value, skipped, time_us;
};

static struct {
	struct env           *env;
	struct sandbox        sandbox;
	struct signal_handler timer;
	char                  subject[SERVE_NAME];
	struct random         random;
	uint64_t              seed, rounds, change, changes;
	uint64_t              load;             /* percent; 0: not judged */
	bool                  beats;            /* it has to give signs of life */
	char                  text[GENERATE_TEXT];
	size_t                length;
	bool                  valid;            /* it is the sample */
	enum error            sound;            /* what reading the text leads to */
	struct hid_error      problem;
	uint64_t              given;            /* when, microseconds */
	uint64_t              used;             /* … of its time until then */
	unsigned              looks;            /* … since; a slow host has time */
	uint64_t              round, wrong, exits, failures;
} fuzz;

static void begin_round(void);

/* -- failures -- */

static void print_text(void)
{
	char line[160];
	for (size_t at = 0, n; at < fuzz.length; at += n + 1) {
		for (n = 0; at + n < fuzz.length && fuzz.text[at + n] != '\n';)
			n++;
		string_copy_part(line, sizeof line, fuzz.text + at, n);
		for (char *c = line; *c; c++)
			if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
				*c = '?';
		log_info(": %s", line);
	}
}

static void fail(char const *what, char const *detail)
{
	fuzz.failures++;
	log_error("%s%s (seed %lu, round %lu, change %lu)", what, detail,
	          fuzz.seed, fuzz.round, fuzz.change);
	log_info("last words: %s", serve_seen.last);
	print_text();
}

/* -- the subject -- */

static struct state state(void)
{
	static char       text[STATE];
	static struct hid nodes[NODES];
	struct hid_document document = { .nodes = nodes, .capacity = NODES };
	struct hid const *child = NULL;
	struct state s = { .name = "none" };
	struct hid_writer w;
	size_t length;

	hid_writer_init(&w, text, sizeof text);
	hid_begin(&w, "state");
	sandbox_report(&fuzz.sandbox, &w);
	hid_end(&w);
	enum error error = hid_finish(&w, &length);
	if (!error)
		error = hid_parse(&document, text, length, NULL);
	if (error)
		fail("no state: ", error_text(error));
	while ((child = hid_next(hid_top(&document), child, "child"))
	       && !hid_equals(child, "name", fuzz.subject))
		continue;
	hid_string(child, "state", s.name, sizeof s.name);
	hid_string(child, "fault", s.cause, sizeof s.cause);
	hid_string(child, "reason", s.cause, sizeof s.cause);
	s.value   = hid_uint(child, "exit", 0);
	s.skipped = hid_uint(child, "skipped_heartbeats", 0);
	s.time_us = hid_uint(child, "time_us", 0);
	return s;
}

/** It used so much since it has the configuration */
static bool busy(struct state const *s)
{
	uint64_t const all = clock_us() - fuzz.given;
	return fuzz.load && (s->time_us - fuzz.used) * 100 > all * fuzz.load;
}

/** What is still missing, if anything */
static char const *missing(struct state const *s)
{
	bool const text = fuzz.sound == ERROR_CORRUPT || fuzz.sound == ERROR_LIMIT;
	if (!serve_seen.fetched)
		return "it does not look at its configuration";
	if (text && !serve_seen.refused)
		return "it did not refuse a text that is wrong";
	if (text && serve_seen.line != fuzz.problem.line)
		return "it named another line than that which is wrong";
	if (fuzz.beats && s->skipped)
		return "no sign of life";
	if (fuzz.valid && serve_seen.errors)
		return "it refuses the valid one";
	if (fuzz.valid && hid_has(fuzz.env->config, "says") && !serve_seen.said)
		return "with the valid one, nothing is heard";
	return NULL;
}

/* -- configurations -- */

/** What base will find when it reads the text */
static enum error soundness(void)
{
	static struct hid nodes[GENERATE_TEXT];
	struct hid_document document = { .nodes = nodes, .capacity =
		(uint32_t)hid_node_count(fuzz.text, fuzz.length) };
	fuzz.problem = (struct hid_error) { .line = 0 };
	if (!fuzz.length)
		return ERROR_NOT_FOUND;
	return hid_parse(&document, fuzz.text, fuzz.length, &fuzz.problem);
}

static void look_again(uint64_t us)
{
	enum error const error = signal_handler_at(&fuzz.timer, us);
	if (error)
		log_error("no timer: %s", error_text(error));
}

static void give(bool valid)
{
	fuzz.used   = fuzz.change ? state().time_us : 0;
	fuzz.valid  = valid;
	fuzz.length = valid ? generate_valid(fuzz.text)
	                    : generate_any(&fuzz.random, fuzz.text);
	fuzz.sound  = soundness();
	fuzz.given  = clock_us();
	fuzz.looks  = 0;
	fuzz.wrong += fuzz.sound != ERROR_OK;
	fuzz.round++;
	serve_config(fuzz.text, fuzz.length);
	look_again(fuzz.given + BEATS_US);
}

/* -- rounds -- */

static void finish(void)
{
	log_info("%lu configurations, %lu of them no text, %lu exits, %lu failures;"
	         " seed %lu", fuzz.round, fuzz.wrong, fuzz.exits, fuzz.failures,
	         fuzz.seed);
	component_exit(fuzz.env, fuzz.failures ? ERROR_CORRUPT : ERROR_OK);
}

static void end_round(void)
{
	sandbox_close(&fuzz.sandbox);
	if (fuzz.round < fuzz.rounds && !fuzz.failures)
		begin_round();
	else
		finish();
}

static void begin_round(void)
{
	enum error error = sandbox_open(&fuzz.sandbox, fuzz.env);
	fuzz.change = 0;
	if (!error) {
		serve_provide(&fuzz.sandbox);
		give(fuzz.round == 0);
		error = sandbox_configure(&fuzz.sandbox,
			hid_next(fuzz.env->config, NULL, "sandbox"));
	}
	if (error) {
		fail("sandbox: ", error_text(error));
		finish();
	}
}

/** It took that one, or refused it, or exited */
static void next(bool ended)
{
	if (!ended && serve_seen.watches && fuzz.change < fuzz.changes) {
		fuzz.change++;
		give(fuzz.change == fuzz.changes);
	} else {
		end_round();
	}
}

static void judge_exit(struct state const *s)
{
	fuzz.exits++;
	if (s->value && fuzz.valid)
		fail("it refuses the valid one", "");
	else if (s->value && !serve_seen.errors)
		fail("it exited without a word", "");
	next(true);
}

static void look(struct signal_handler *handler, uint64_t count)
{
	struct state const s = state();
	char const *const lacks = missing(&s);
	if (string_equal(s.name, "exited")) {
		judge_exit(&s);
	} else if (string_equal(s.name, "faulted")
	        || string_equal(s.name, "failed")) {
		fail("it stopped: ", s.cause);
		next(true);
	} else if (!lacks && busy(&s)) {
		fail("it does not stop computing", "");
		next(true);
	} else if (!lacks) {
		next(false);
	} else if (++fuzz.looks < LOOKS) {
		look_again(clock_us() + LOOK_US);
	} else {
		fail(lacks, "");
		next(true);
	}
}

/* -- start -- */

static void learn(void)
{
	static struct rom_reader schema;
	struct hid const *const sample =
		hid_next(hid_next(fuzz.env->config, NULL, "sample"), NULL, NULL);
	struct hid const *rules = NULL;
	char name[SERVE_NAME] = "";
	enum error error = ERROR_OK;
	if (hid_string(fuzz.env->config, "schema", name, sizeof name))
		error = rom_reader_open(&schema, fuzz.env, name, NULL);
	if (!error && name[0])
		error = rom_reader_update(&schema, &rules);
	if (error)
		fail("schema: ", error_text(error));
	generate_learn(sample, rules);
	rom_reader_close(&schema);
}

enum error component_construct(struct env *env)
{
	char expected[SERVE_NAME] = "";
	struct hid const *const config = env->config;
	fuzz.env     = env;
	fuzz.seed    = hid_uint(config, "seed", 1);
	fuzz.rounds  = hid_uint(config, "rounds", 10);
	fuzz.changes = hid_uint(config, "changes", 0);
	fuzz.load    = hid_uint(config, "load", 0);
	fuzz.beats   = hid_bool(config, "beats", true);
	fuzz.timer.handle = look;
	random_seed(&fuzz.random, fuzz.seed);
	hid_string(config, "subject", fuzz.subject, sizeof fuzz.subject);
	hid_string(config, "says", expected, sizeof expected);
	learn();
	enum error error = signal_handler_open(&fuzz.timer, env->ep);
	if (!error) error = serve_init(env, fuzz.subject, expected);
	if (!error) begin_round();
	return error;
}
