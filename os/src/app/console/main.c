/* SPDX-License-Identifier: MIT */
/*
 * Console: starts, shows and changes subsystems, at a terminal
 *
 *     config
 *     + sandbox                      what subsystems may be routed to
 *       + parent-provides | …
 *       + default-route | …
 *     + subsystem ticker | start: yes
 *       + start ticker | ram: 1M | caps: 60
 *     + nested <component> | rom: <its report>
 *     + exit | port: 0xf4 | value: 0x10
 *
 * It is the parent of the subsystems by a sandbox of its own, and serves their
 * LOG sessions. All of it runs in one entrypoint and never waits.
 */

/* public */
#include <base/component.h>
#include <base/hid.h>
#include <base/signal.h>
#include <os/config_number.h>
#include <session/io_port.h>
#include <util/format.h>
#include <util/string.h>

/* local */
#include "command.h"
#include "journal.h"
#include "line.h"
#include "screen.h"
#include "steps.h"
#include "subsystem.h"
#include "table.h"
#include "tour.h"
#include "usage.h"
#include "watch.h"

enum { SECOND = 1000 * 1000, TOUR_STEP = SECOND / 10 };

static struct env       *the_env;
static struct line       line;
static enum command_mode mode;
static uint64_t          next_sample;

static void prompt(void)
{
	screen_print(SCREEN_LINE "ashlar> %s", line.text);
}

/** Switch the machine off, if the configuration says how */
static void leave(void)
{
	struct hid const *const way = hid_next(the_env->config, NULL, "exit");
	struct io_port_session io = { 0 };
	char text[64];
	screen_put("console: the end\n");
	if (!way)
		return;
	uint16_t const port = (uint16_t)config_number(way, "port", 0, 0, 0xffff);
	format_text(text, sizeof text, "io_port | base: 0x%x | size: 4", port);
	enum error error = io_port_open(&io, the_env,
		&(struct session_args) { .text = text });
	if (!error)
		error = io_port_write(io.cap, port, 4,
		                      (uint32_t)config_number(way, "value", 0, 0,
		                                              UINT32_MAX));
	screen_print("the machine stays on: %s\n", error_text(error));
}

static void traced(char const *thread, char const *text)
{
	screen_print("  %s: %s\n", thread, text);
}

static void begin_trace(void)
{
	enum error const error = watch_begin(the_env, command_follow, traced);
	if (error)
		screen_print("not traced: %s\n", error_text(error));
}

static void enter(enum command_mode next)
{
	if (mode == COMMAND_TRACE)
		watch_end();
	mode = next;
	switch (mode) {
	case COMMAND_PROMPT:
		prompt();
		break;
	case COMMAND_LIVE:
		screen_put(SCREEN_CLEAR);
		break;
	case COMMAND_EXIT:
		leave();
		enter(COMMAND_PROMPT);
		break;
	case COMMAND_TRACE:
		begin_trace();
		break;
	case COMMAND_TOUR:
		steps_use(the_env);
		break;
	case COMMAND_FOLLOW:
		break;
	}
}

static void show_live(void)
{
	table_print(true);
	screen_put("\033[K\n");
	table_log("", 8, true);
	screen_put(SCREEN_REST "\nany key ends it");
}

static void edit(char key)
{
	char echo[2] = "";
	bool redraw;
	switch (line_key(&line, key, echo, &redraw)) {
	case LINE_EDITED:
		if (redraw)
			prompt();
		else
			screen_put(echo);
		break;
	case LINE_CANCELLED:
		screen_put("^C\n");
		line_clear(&line, false);
		prompt();
		break;
	case LINE_ENTERED: {
		char text[LINE_TEXT];
		screen_put("\n");
		string_copy(text, sizeof text, line.text);
		line_clear(&line, true);
		enter(command_run(text));
	}
	}
}

static void tour(bool more)
{
	if (!more)
		enter(COMMAND_PROMPT);
}

static void key(char c)
{
	switch (mode) {
	case COMMAND_LIVE:
	case COMMAND_FOLLOW:
	case COMMAND_TRACE:
		screen_put("\n");
		enter(COMMAND_PROMPT);
		break;
	case COMMAND_TOUR:
		tour(tour_key(c));
		break;
	case COMMAND_PROMPT:
	case COMMAND_EXIT:
		edit(c);
	}
}

static void logged(struct journal_line const *entry)
{
	if (mode == COMMAND_FOLLOW && journal_by(entry, command_follow))
		table_log_line(entry, false);
}

static bool stopped(char const *state)
{
	return string_equal(state, "faulted") || string_equal(state, "exited")
	       || string_equal(state, "failed");
}

/** Tell the user of components that stopped, once each */
static void tell_stopped(void)
{
	unsigned n;
	usage_read(&n);
	for (struct part *p = NULL; (p = subsystem_next(p));) {
		struct usage const *const row = usage_of(p->name);
		bool const was = p->stopped;
		p->stopped = stopped(row->state);
		if (!p->stopped || was || mode != COMMAND_PROMPT)
			continue;
		screen_print(SCREEN_LINE "%s: %s; %s\n", p->name, row->state,
		             row->note);
		prompt();
	}
}

static void tick(struct signal_handler *handler, uint64_t count)
{
	uint64_t const now = clock_us();
	if (now >= next_sample) {
		next_sample = now + SECOND;
		usage_sample();
		if (mode == COMMAND_LIVE)
			show_live();
	}
	if (mode == COMMAND_TRACE)
		watch_update();
	if (mode == COMMAND_TOUR)
		tour(tour_tick());
	error_ignore(signal_handler_at(handler, now + TOUR_STEP), "own signal");
}

static struct signal_handler tick_handler = { .handle = tick };

static void state_changed(void)
{
	tell_stopped();
	if (mode == COMMAND_TOUR)
		tour(tour_tick());
}

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error error = screen_open(env, key);
	if (!error) error = journal_open(env, logged);
	if (!error) error = usage_open(env);
	if (!error) error = subsystem_open(env, state_changed);
	if (!error) error = signal_handler_open(&tick_handler, env->ep);
	if (error)
		return error;
	tick(&tick_handler, 1);
	command_greet();
	prompt();
	return ERROR_OK;
}
