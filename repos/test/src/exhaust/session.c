/* SPDX-License-Identifier: MIT */
/* Sessions, each of them made use of as far as that takes something */

/* public */
#include <base/component.h>
#include <base/thread.h>
#include <session/irq.h>
#include <session/report.h>
#include <session/rom.h>
#include <session/terminal.h>
#include <session/timer.h>
#include <util/format.h>
#include <util/string.h>

/* local */
#include "exhaust.h"

enum { SESSIONS = 512 };

struct service_kind {
	char const *name, *service, *label;
	char const *text;                    /* what it names is behind it: */
	uint64_t    first, stride;           /* a number; 0: nothing */
	size_t      ram, caps;
	uint32_t    end;                     /* besides the account's end */
	enum error (*use)(struct env *env, cap_t session);
};

static struct session sessions[SESSIONS];
static struct service_kind const *kind;

/* -- use -- */

static enum error one_signal(struct env *env, signal_cap_t *signal)
{
	return thread_signal(env, signal);
}

static enum error arm(struct env *env, cap_t session)
{
	signal_cap_t signal;
	enum error const error = one_signal(env, &signal);
	return error ? error
	     : timer_periodic((timer_cap_t) { session }, signal, 20000);
}

static enum error read_rom(struct env *env, cap_t session)
{
	rom_cap_t const rom = { session };
	signal_cap_t signal;
	dataspace_cap_t ds;
	uint64_t size;
	enum error error = one_signal(env, &signal);
	if (!error) error = rom_changed(rom, signal);
	if (!error) error = rom_dataspace(rom, &ds, &size);
	return error;
}

static enum error report_page(struct env *env, cap_t session)
{
	report_cap_t const report = { session };
	dataspace_cap_t ds;
	enum error error = report_dataspace(report, &ds);
	if (!error) error = report_submit(report, 4096);
	return error;
}

static enum error listen(struct env *env, cap_t session)
{
	signal_cap_t signal;
	enum error const error = one_signal(env, &signal);
	return error ? error
	     : terminal_changed((terminal_cap_t) { session }, signal);
}

static enum error bind(struct env *env, cap_t session)
{
	signal_cap_t signal;
	enum error const error = one_signal(env, &signal);
	return error ? error : irq_handler((irq_cap_t) { session }, signal);
}

/* -- kinds -- */

static struct service_kind const kinds[] = {
	{ "pd_sessions",  "PD",  "", "", 0, 0, 48 << 10, 6, 0, NULL },
	{ "cpu_sessions", "CPU", "", "", 0, 0, 16 << 10, 4, 0, NULL },
	{ "cpu_quotas",   "CPU", "", "cpu | quota: ", 2, 0, 16 << 10, 4,
	  ENDS_BY(LIMIT), NULL },
	{ "rm_sessions",  "RM",  "", "", 0, 0, 16 << 10, 4, 0, NULL },
	{ "rom_sessions", "ROM", "exhaust", "", 0, 0, 6 << 10, 3, 0, read_rom },
	{ "log_sessions", "LOG", "", "", 0, 0, 6 << 10, 2, 0, NULL },
	{ "io_mem_sessions", "IO_MEM", "", "io_mem | size: 4096 | base: ",
	  0xd0000000, 4096, 6 << 10, 3, 0, NULL },
	{ "io_port_sessions", "IO_PORT", "", "io_port | size: 1 | base: ",
	  0x2000, 1, 6 << 10, 2, 0, NULL },
	{ "irq_sessions", "IRQ", "", "irq | gsi: ", 5, 1, 6 << 10, 4,
	  ENDS_BY(INVALID) | ENDS_BY(CONFLICT), bind },
	{ "msi_sessions", "IRQ", "", "irq | trigger: msi", 0, 0, 6 << 10, 4,
	  ENDS_BY(LIMIT), bind },
	{ "trace_sessions",   "TRACE",   "", "", 0, 0, 16 << 10, 4, 0, NULL },
	{ "system_sessions",  "System",  "", "", 0, 0, 6 << 10, 2, 0, NULL },
	{ "entropy_sessions", "Entropy", "", "", 0, 0, 6 << 10, 2, 0, NULL },
	{ "timers", "Timer", "", "", 0, 0, 8 << 10, 4, 0, arm },
	{ "reports", "Report", "mine", "", 0, 0, 16 << 10, 6, 0, report_page },
	{ "large_reports", "Report", "mine", "report | buffer: 1048576", 0, 0,
	  (2 << 20) + (16 << 10), 6, 0, report_page },
	{ "report_readers",  "ROM", "pulse", "", 0, 0, 12 << 10, 4, 0, read_rom },
	{ "filter_readers",  "ROM", "look", "", 0, 0, 12 << 10, 4, 0, read_rom },
	{ "dynamic_readers", "ROM", "settings", "", 0, 0, 12 << 10, 4, 0,
	  read_rom },
	{ "hole_reports",   "Report", "hole", "", 0, 0, 12 << 10, 4, 0,
	  report_page },
	{ "hole_terminals", "Terminal", "hole", "", 0, 0, 16 << 10, 4, 0, listen },
	{ "hole_logs",      "LOG", "hole", "", 0, 0, 8 << 10, 4, 0, NULL },
	{ "lines",          "Terminal", "line", "", 0, 0, 16 << 10, 4,
	  ENDS_BY(CONFLICT), listen },
};

static enum error take(struct env *env, unsigned n)
{
	char text[SESSION_ARGS];
	if (n >= SESSIONS)
		return ERROR_CORRUPT;
	if (kind->first)
		format_text(text, sizeof text, "%s%lu", kind->text,
		            kind->first + n * kind->stride);
	else
		string_copy(text, sizeof text, kind->text);
	enum error const error = session_open(&sessions[n], env, kind->service,
		&(struct session_args) { .label = kind->label, .text = text },
		kind->ram, kind->caps);
	return error || !kind->use ? error : kind->use(env, sessions[n].cap);
}

struct resource const *session_resource(char const *name)
{
	static struct resource resource = { .take = take };
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (string_equal(kinds[i].name, name)) {
			kind = &kinds[i];
			resource.name = name;
			resource.end  = END_ACCOUNT | kind->end;
			return &resource;
		}
	return NULL;
}
