/* SPDX-License-Identifier: MIT */
/*
 * Patron: a well-behaved client of the standard servers that others attack
 *
 *     config | line: yes     there is a serial line
 *
 * At each beat it uses all of them and looks at what they say; now and then it
 * opens further sessions, too. The first answer that is wrong is logged and ends
 * its beat; whoever asks for the count sees it stand still.
 */

/* public */
#include <base/component.h>
#include <base/hid.h>
#include <base/rom.h>
#include <session/entropy.h>
#include <session/log.h>
#include <session/terminal.h>
#include <session/timer.h>
#include <session/trace.h>
#include <util/string.h>

/* local */
#include "beats.h"

enum { PERIOD_US = 20000, OPEN_EACH = 8 };

static struct env              *the_env;
static struct timer_session     timer;
static struct log_session       hole_log;
static struct terminal_session  hole;
static struct entropy_session   entropy;
static struct trace_session     trace;
static struct reporter          reporter;
static struct rom_reader        pulse, look, settings;
static bool                     line_used;

/** What a server says is wrong: as an error of the beat */
static enum error wrong(bool good)
{
	return good ? ERROR_OK : ERROR_CORRUPT;
}

static enum error use_timer(void)
{
	uint64_t us = 0;
	enum error const error = timer_elapsed_us(timer.cap, &us);
	return error ? error : wrong(us <= clock_us() && us >= beats.last_us);
}

/** What is reported is read again */
static enum error use_report(void)
{
	struct hid const *content;
	struct hid_writer *const w = reporter_begin(&reporter);
	hid_begin(w, "pulse");
	hid_put_uint(w, "beat", beats.count);
	hid_end(w);
	enum error error = reporter_submit(&reporter);
	if (!error)
		error = rom_reader_update(&pulse, &content);
	return error ? error : wrong(hid_uint(content, "beat", ~0ul) == beats.count);
}

static enum error use_roms(void)
{
	struct hid const *content;
	enum error error = rom_reader_update(&settings, &content);
	if (!error)
		error = wrong(hid_equals(content, "mode", "early"));
	if (!error)
		error = rom_reader_update(&look, &content);
	return error ? error : wrong(hid_equals(content, "mode", "early"));
}

static enum error use_terminal(terminal_cap_t terminal)
{
	char text[256];
	uint32_t written = 0, columns = 0, rows = 0;
	enum error error = terminal_write(terminal, ".", &written);
	if (!error) error = terminal_read(terminal, text);
	if (!error) error = terminal_size(terminal, &columns, &rows);
	return error ? error : wrong(columns == 80 && rows == 24);
}

static enum error use_hole(void)
{
	enum error error = log_write(hole_log.cap, "beat\n");
	return error ? error : use_terminal(hole.cap);
}

static enum error use_core(void)
{
	struct entropy_block block;
	char label[144], name[32];
	uint32_t id;
	enum error error = entropy_read(entropy.cap, &block);
	if (!error) error = trace_rewind(trace.cap);
	if (!error) error = trace_next(trace.cap, &id, label, name);
	return error == ERROR_AGAIN ? ERROR_OK : error;
}

/** One at a time has the serial line: now somebody else, perhaps */
static enum error use_line(void)
{
	struct terminal_session line;
	enum error error = terminal_open(&line, the_env,
		&(struct session_args) { .label = "line" });
	if (error)
		return error == ERROR_CONFLICT ? ERROR_OK : error;
	error = use_terminal(line.cap);
	terminal_close(&line);
	return error;
}

/** Who has enough is served, whatever others have taken */
static enum error open_more(void)
{
	struct timer_session more = { 0 };
	struct reporter report = { 0 };
	struct rom_reader reader = { 0 };
	enum error error = timer_open(&more, the_env, NULL);
	if (!error) error = reporter_open(&report, the_env, "more", 4096);
	if (!error) error = rom_reader_open(&reader, the_env, "settings", NULL);
	timer_close(&more);
	reporter_close(&report);
	rom_reader_close(&reader);
	return error;
}

static void beat(struct signal_handler *handler, uint64_t count)
{
	char const *what = "timer";
	enum error error = use_timer();
	if (!error) { what = "report"; error = use_report(); }
	if (!error) { what = "ROM";    error = use_roms(); }
	if (!error) { what = "hole";   error = use_hole(); }
	if (!error) { what = "core";   error = use_core(); }
	if (!error && beats.count % OPEN_EACH == 0) {
		what  = "more";
		error = open_more();
		if (!error && line_used) {
			what  = "line";
			error = use_line();
		}
	}
	if (error) {
		log_error("beat %lu: %s: %s", beats.count, what,
		          error_text(error));
		timer_close(&timer);
		return;
	}
	beats_add();
}

static struct signal_handler beat_handler = { .handle = beat };

static enum error open_servers(struct env *env)
{
	struct session_args const in_hole = { .label = "hole" };
	enum error error = timer_open(&timer, env, NULL);
	if (!error) error = log_open(&hole_log, env, &in_hole);
	if (!error) error = terminal_open(&hole, env, &in_hole);
	if (!error) error = entropy_open(&entropy, env, NULL);
	if (!error) error = trace_open(&trace, env, NULL);
	if (!error) error = reporter_open(&reporter, env, "pulse", 4096);
	if (!error) error = rom_reader_open(&pulse, env, "pulse", NULL);
	if (!error) error = rom_reader_open(&settings, env, "settings", NULL);
	if (!error) error = rom_reader_open(&look, env, "look", NULL);
	return error;
}

enum error component_construct(struct env *env)
{
	the_env   = env;
	line_used = hid_bool(env->config, "line", false);
	enum error error = open_servers(env);
	if (!error) error = signal_handler_open(&beat_handler, env->ep);
	if (!error) error = beats_announce(env);
	if (!error) error = timer_periodic(timer.cap, beat_handler.cap, PERIOD_US);
	return error;
}
