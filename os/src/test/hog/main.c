/* SPDX-License-Identifier: MIT */
/*
 * Computes for a while, and says how much of the CPU it got
 *
 *     config | threads: 2 | from_ms: 100 | every_ms: 300 | times: 2 | call: yes
 *
 * All threads (at the session's priority) compute from 'from_ms' after boot on.
 * After each 'every_ms' the sum of their execution times is logged, in permille
 * of that time; 'times' later they end. "call": most of the computing is done by
 * core, in calls, on the time of the threads.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/log.h>
#include <base/signal.h>
#include <base/thread.h>
#include <rpc/cpu.h>
#include <util/container_of.h>

enum { THREADS = 8, TIMES = 8 };

struct hog {
	struct thread   thread;
	uint64_t        used[TIMES + 1];   /* at the end of each interval */
};

static struct hog hogs[THREADS];
static uint64_t   from, every, times;
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

static void run(struct thread *thread)
{
	struct hog *const hog = container_of(thread, struct hog, thread);
	for (uint64_t i = 0; i <= times; i++) {
		compute(from + i * every);
		hog->used[i] = thread_own_time_us();
	}
}

static void report(uint64_t n)
{
	for (uint64_t i = 1; i <= times; i++) {
		uint64_t sum = 0;
		for (uint64_t h = 0; h < n; h++)
			sum += hogs[h].used[i] - hogs[h].used[i - 1];
		log_info("interval %lu: %lu permille", i, sum * 1000 / every);
	}
}

enum error component_construct(struct env *env)
{
	uint64_t const n = hid_uint(env->config, "threads", 1);
	from  = hid_uint(env->config, "from_ms", 100) * 1000;
	every = hid_uint(env->config, "every_ms", 300) * 1000;
	times = hid_uint(env->config, "times", 1);
	calls = hid_bool(env->config, "call", false);
	if (n > THREADS || times > TIMES)
		return ERROR_LIMIT;

	enum error error = ERROR_OK;
	for (uint64_t i = 0; i < n && !error; i++)
		error = thread_open(&hogs[i].thread, env, &(struct thread_args) {
			.entry = run, .name = "hog",
			.priority = CPU_PRIORITY_LEVELS - 1 });
	if (error)
		return error;
	for (uint64_t i = 0; i < n; i++)
		thread_join(&hogs[i].thread);
	report(n);
	log_info("finished");
	return ERROR_OK;
}
