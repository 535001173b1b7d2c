/* SPDX-License-Identifier: MIT */
/*
 * Computes for a while, and says how much of the CPU it got
 *
 *     config | threads: 2 | from_ms: 100 | every_ms: 300 | times: 2 | call: yes
 *
 * All threads (at the session's priority) compute from 'from_ms' after boot on.
 * After each 'every_ms' the sum of their execution times is logged, in permille
 * of that time; 'times' later they end. "call": most of the computing is done by
 * core, in calls, on the time of the threads. "every_cpu": so many threads on
 * each CPU, and a figure for each. Who begins too late to be judged says so.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/log.h>
#include <base/signal.h>
#include <base/thread.h>
#include <rpc/cpu.h>
#include <util/container_of.h>
#include <util/format.h>

enum { THREADS = 16, TIMES = 8 };

struct hog {
	struct thread   thread;
	signal_cap_t    wake;
	uint64_t        used[TIMES + 1];   /* at the end of each interval */
};

static struct hog hogs[THREADS];
static uint64_t   from, every, times;
static uint64_t   n_threads;       /* on each of … */
static uint32_t   n_cpus;
static bool       calls;

/** Until it is so late; the clock is read all the time */
static void compute(uint64_t until)
{
	uint64_t total, idle;
	while (clock_us() < until)
		if (calls)
			error_ignore(cpu_idle(hogs[0].thread.env->cpu, 0, &total,
			                      &idle), "only the time counts");
		else
			for (unsigned volatile i = 0; i < 500; i++) { }
}

/**
 * Until 'from', so that others get there, too; false: it is past
 *
 * What was opened for it is closed at the end: no call must wait for core now.
 */
static bool asleep(struct hog *hog)
{
	struct signal_handler timer;
	if (clock_us() >= from || thread_signal(hog->thread.env, &hog->wake))
		return false;
	timer.cap = hog->wake;
	return !signal_handler_at(&timer, from) && signal_wait(hog->wake);
}

static void run(struct thread *thread)
{
	struct hog *const hog = container_of(thread, struct hog, thread);
	if (!asleep(hog))
		log_info("begins %lu us late", clock_us() - from);
	for (uint64_t i = 0; i <= times; i++) {
		compute(from + i * every);
		hog->used[i] = thread_own_time_us();
	}
	thread_signal_close(thread->env, &hog->wake);
}

/** What the threads of one CPU got in interval 'i', in permille */
static uint64_t share(uint32_t cpu, uint64_t i)
{
	uint64_t sum = 0;
	for (uint64_t h = 0; h < n_threads; h++) {
		uint64_t const *const used = hogs[cpu * n_threads + h].used;
		sum += used[i] - used[i - 1];
	}
	return sum * 1000 / every;
}

static void report(uint64_t i)
{
	char text[80];
	size_t length = 0;
	for (uint32_t cpu = 0; cpu < n_cpus; cpu++)
		length += format_text(text + length, sizeof text - length,
		                      " %lu", share(cpu, i));
	log_info("interval %lu:%s permille", i, text);
}

static enum error configure(struct env *env)
{
	n_threads = hid_uint(env->config, "threads", 1);
	n_cpus    = 1;
	from  = hid_uint(env->config, "from_ms", 100) * 1000;
	every = hid_uint(env->config, "every_ms", 300) * 1000;
	times = hid_uint(env->config, "times", 1);
	calls = hid_bool(env->config, "call", false);
	enum error const error = hid_bool(env->config, "every_cpu", false)
	                       ? cpu_count(env->cpu, &n_cpus) : ERROR_OK;
	if (error)
		return error;
	return n_threads > THREADS / n_cpus || times > TIMES ? ERROR_LIMIT
	                                                     : ERROR_OK;
}

static enum error start(struct env *env, uint64_t i)
{
	return thread_open(&hogs[i].thread, env, &(struct thread_args) {
		.entry = run, .name = "hog", .cpu = (uint32_t)(i / n_threads),
		.priority = CPU_PRIORITY_LEVELS - 1 });
}

enum error component_construct(struct env *env)
{
	enum error error = configure(env);
	uint64_t const n = n_threads * n_cpus;
	for (uint64_t i = 0; i < n && !error; i++)
		error = start(env, i);
	if (error)
		return error;
	for (uint64_t i = 0; i < n; i++)
		thread_join(&hogs[i].thread);
	for (uint64_t i = 1; i <= times; i++)
		report(i);
	log_info("finished");
	return ERROR_OK;
}
