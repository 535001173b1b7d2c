/* SPDX-License-Identifier: MIT */
/* The standard servers, as their clients see them */

/* public */
#include <session/entropy.h>
#include <session/hello.h>
#include <session/log.h>
#include <session/report.h>
#include <session/rom.h>
#include <session/terminal.h>
#include <session/timer.h>
#include <session/trace.h>

/* local */
#include "hostile.h"

static enum error call_timer(cap_t s, unsigned n)
{
	uint64_t us;
	return timer_elapsed_us((timer_cap_t) { s }, &us);
}

static enum error tick(cap_t s, signal_cap_t signal)
{
	return timer_periodic((timer_cap_t) { s }, signal, 100);
}

static enum error call_report(cap_t s, unsigned n)
{
	return report_submit((report_cap_t) { s }, n % 3 ? 4096 : ~0ul);
}

static enum error report_memory(cap_t s, dataspace_cap_t *ds)
{
	return report_dataspace((report_cap_t) { s }, ds);
}

static enum error rom_memory(cap_t s, dataspace_cap_t *ds)
{
	uint64_t size;
	return rom_dataspace((rom_cap_t) { s }, ds, &size);
}

static enum error call_rom(cap_t s, unsigned n)
{
	dataspace_cap_t ds;
	enum error const error = rom_memory(s, &ds);
	if (!error)
		cap_drop(ds.cap);
	return error;
}

static enum error watch(cap_t s, signal_cap_t signal)
{
	return rom_changed((rom_cap_t) { s }, signal);
}

static enum error call_log(cap_t s, unsigned n)
{
	return log_write((log_cap_t) { s }, "nobody reads this\n");
}

static enum error call_terminal(cap_t s, unsigned n)
{
	uint32_t written;
	return terminal_write((terminal_cap_t) { s }, "nor this", &written);
}

static enum error listen(cap_t s, signal_cap_t signal)
{
	return terminal_changed((terminal_cap_t) { s }, signal);
}

static enum error call_entropy(cap_t s, unsigned n)
{
	struct entropy_block block;
	return entropy_read((entropy_cap_t) { s }, &block);
}

static enum error call_trace(cap_t s, unsigned n)
{
	char label[144], name[32];
	uint32_t id;
	trace_cap_t const trace = { s };
	enum error const error = n % 5 ? ERROR_OK : trace_rewind(trace);
	return error ? error : trace_next(trace, &id, label, name);
}

static enum error call_hello(cap_t s, unsigned n)
{
	char text[64];
	uint32_t count;
	return hello_greet((hello_cap_t) { s }, "x", text, &count);
}

struct target const targets[] = {
	{ "Timer", "", 8 << 10, 4, call_timer, NULL, tick, false },
	{ "Report", "mine", 16 << 10, 6, call_report, report_memory, NULL, false },
	{ "ROM", "pulse", 12 << 10, 4, call_rom, rom_memory, watch, false },
	{ "ROM", "reported", 12 << 10, 4, call_rom, rom_memory, watch, false },
	{ "ROM", "copied", 12 << 10, 4, call_rom, rom_memory, watch, false },
	{ "ROM", "settings", 12 << 10, 4, call_rom, rom_memory, watch, false },
	{ "ROM", "look", 12 << 10, 4, call_rom, rom_memory, watch, false },
	{ "ROM", "core_log", 12 << 10, 4, call_rom, rom_memory, watch, true },
	{ "LOG", "hole", 8 << 10, 4, call_log, NULL, NULL, false },
	{ "Report", "hole", 12 << 10, 4, call_report, report_memory, NULL, false },
	{ "Terminal", "hole", 16 << 10, 4, call_terminal, NULL, listen, false },
	{ "Terminal", "line", 16 << 10, 4, call_terminal, NULL, listen, false },
	{ "Hello", "", 16 << 10, 4, call_hello, NULL, NULL, false },
	{ "Entropy", "", 6 << 10, 2, call_entropy, NULL, NULL, false },
	{ "TRACE", "", 16 << 10, 4, call_trace, NULL, NULL, false },
};
unsigned const n_targets = sizeof targets / sizeof *targets;

enum error target_open(struct target const *target, struct env *env,
                       struct session *session)
{
	return session_open(session, env, target->service,
	                    &(struct session_args) { .label = target->label },
	                    target->ram, target->caps);
}
