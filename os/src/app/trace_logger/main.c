/* SPDX-License-Identifier: MIT */
/*
 * Trace logger: what traced threads do, a line an event
 *
 *     config | every_ms: 100
 *     + trace | label: init -> server | dispatch: yes | signal: yes
 *
 * Lines of one thread are in order; those of several are sorted by whoever wants
 * that, by their time in microseconds. It should not trace itself.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/signal.h>
#include <os/config_number.h>
#include <os/trace_monitor.h>

static struct env *the_env;
static uint64_t    period;

static uint32_t policy(struct trace_monitor *monitor,
                       struct trace_subject const *subject)
{
	return trace_configured_policy(the_env->config, subject);
}

static void event(struct trace_monitor *monitor, struct trace_subject *subject,
                  struct trace_event const *e)
{
	char text[120];
	uint64_t const us = trace_event_us(e);
	trace_event_text(e, text, sizeof text);
	log_info("%lu.%06lu %s, %s: %s", us / 1000000, us % 1000000,
	         subject->label, subject->name, text);
}

static void done(struct trace_monitor *monitor, struct trace_subject *subject)
{
	if (subject->lost)
		log_info("%s, %s: %lu events lost", subject->label,
		         subject->name, subject->lost);
	subject->lost = 0;
}

static struct trace_monitor_ops const ops = {
	.policy = policy, .event = event, .done = done };

static struct trace_monitor monitor = { .ops = &ops };

static void tick(struct signal_handler *handler, uint64_t count)
{
	enum error const error = trace_monitor_update(&monitor);
	if (error)
		log_error("%s", error_text(error));
	trace_monitor_read(&monitor);
	error_ignore(signal_handler_at(handler, clock_us() + period), "own");
}

static struct signal_handler ticker = { .handle = tick };

enum error component_construct(struct env *env)
{
	the_env      = env;
	period       = config_ms(env->config, "every_ms", 100, 1);
	monitor.size = config_number(env->config, "size", 16 << 10, 4096, 64 << 10)
	             & ~4095ul;
	enum error error = trace_monitor_open(&monitor, env);
	if (!error)
		error = signal_handler_open(&ticker, env->ep);
	if (!error)
		error = signal_submit(ticker.cap);
	return error;
}
