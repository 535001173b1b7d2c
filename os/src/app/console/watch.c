/* SPDX-License-Identifier: MIT */
/* Watch */

/* public */
#include <os/trace_monitor.h>
#include <util/container_of.h>
#include <util/format.h>
#include <util/string.h>

/* local */
#include "screen.h"
#include "usage.h"
#include "watch.h"

static char watched[USAGE_PATH + 8];   /* " -> name" */
static void (*tell)(char const *thread, char const *text);

static uint32_t policy(struct trace_monitor *monitor,
                       struct trace_subject const *subject)
{
	return string_ends(subject->label, watched) ? TRACE_POLICY_ALL : 0;
}

static void event(struct trace_monitor *monitor, struct trace_subject *subject,
                  struct trace_event const *e)
{
	char text[120];
	trace_event_text(e, text, sizeof text);
	tell(subject->name, text);
}

static void done(struct trace_monitor *monitor, struct trace_subject *subject)
{
	char text[48];
	if (!subject->lost)
		return;
	format_text(text, sizeof text, "%lu events lost", subject->lost);
	tell(subject->name, text);
	subject->lost = 0;
}

static struct trace_monitor_ops const ops = {
	.policy = policy, .event = event, .done = done };
static struct trace_monitor monitor;

enum error watch_begin(struct env *env, char const *name,
                       void (*told)(char const *thread, char const *text))
{
	watch_end();
	tell = told;
	format_text(watched, sizeof watched, " -> %s", name);
	monitor = (struct trace_monitor) { .ops = &ops };
	enum error error = trace_monitor_open(&monitor, env);
	if (!error)
		error = trace_monitor_update(&monitor);
	if (error)
		watch_end();
	return error;
}

void watch_update(void)
{
	if (!monitor.env)
		return;
	enum error const error = trace_monitor_update(&monitor);
	if (error)
		screen_print("  the trace is incomplete: %s\n", error_text(error));
	trace_monitor_read(&monitor);
}

unsigned watch_priority(void)
{
	list_for_each(&monitor.subjects, node) {
		struct trace_subject const *const s =
			container_of(node, struct trace_subject, node);
		if (string_ends(s->label, watched)
		 && string_equal(s->name, "main"))
			return s->info.priority;
	}
	return 0;
}

void watch_end(void)
{
	if (monitor.env)
		trace_monitor_close(&monitor);
	monitor.env = NULL;
}
