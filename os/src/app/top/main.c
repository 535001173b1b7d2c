/* SPDX-License-Identifier: MIT */
/*
 * top: who uses the CPUs, as far as the TRACE session shows it
 *
 *     config | every_ms: 1000 | lines: 10 | rounds: 0
 *
 * A thread's share is that of one CPU, for whomever it worked.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/signal.h>
#include <os/config_number.h>
#include <os/trace_monitor.h>
#include <session/cpu.h>
#include <util/container_of.h>

enum { CPUS = 64 };

static struct {
	struct env          *env;
	struct trace_monitor monitor;
	uint64_t             period, lines, rounds;
	uint64_t             then;          /* of the last update */
	uint64_t             total[CPUS], idle[CPUS];
} top;

static void print_cpu(uint32_t index)
{
	uint64_t total = 0, idle = 0;
	if (cpu_idle(top.env->cpu, index, &total, &idle))
		return;
	uint64_t const all  = total - top.total[index];
	uint64_t const free = idle - top.idle[index];
	uint64_t const busy = free < all ? all - free : 0;
	if (top.total[index])
		log_info("CPU %u: %lu.%lu%% busy", index, busy * 100 / all,
		         busy * 1000 / all % 10);
	top.total[index] = total;
	top.idle[index]  = idle;
}

static void print_cpus(void)
{
	uint32_t n = 0;
	error_ignore(cpu_count(top.env->cpu, &n), "none is printed then");
	for (uint32_t i = 0; i < n && i < CPUS; i++)
		print_cpu(i);
}

/** The one that used most; its figure is taken away */
static struct trace_subject *take_first(void)
{
	struct trace_subject *first = NULL;
	list_for_each(&top.monitor.subjects, node) {
		struct trace_subject *const s =
			container_of(node, struct trace_subject, node);
		if (s->spent_us && (!first || s->spent_us > first->spent_us))
			first = s;
	}
	return first;
}

static void print_subjects(uint64_t us)
{
	struct trace_subject *s;
	for (uint64_t i = 0; i < top.lines && (s = take_first()); i++) {
		uint64_t const share = us ? s->spent_us * 1000 / us : 0;
		log_info("%3lu.%lu%%  CPU %u  priority %3u  %s, %s", share / 10,
		         share % 10, s->info.cpu, s->info.priority, s->label,
		         s->name);
		s->spent_us = 0;
	}
}

static void tick(struct signal_handler *handler, uint64_t count)
{
	uint64_t const now = clock_us();
	enum error const error = trace_monitor_update(&top.monitor);
	if (error) {
		log_error("%s", error_text(error));
		component_exit(top.env, error);
		return;
	}
	print_cpus();
	if (top.then) {
		print_subjects(now - top.then);
		if (top.rounds && !--top.rounds) {
			component_exit(top.env, ERROR_OK);
			return;
		}
	}
	top.then = now;
	error_ignore(signal_handler_at(handler, now + top.period), "own handler");
}

static struct signal_handler ticker = { .handle = tick };

enum error component_construct(struct env *env)
{
	top.env    = env;
	top.period = config_ms(env->config, "every_ms", 1000, 10);
	top.lines  = config_number(env->config, "lines", 10, 1, 1000);
	top.rounds = config_number(env->config, "rounds", 0, 0, ~0ul);
	enum error error = trace_monitor_open(&top.monitor, env);
	if (!error)
		error = signal_handler_open(&ticker, env->ep);
	if (!error)
		error = signal_submit(ticker.cap);
	return error;
}
