/* SPDX-License-Identifier: MIT */
/*
 * Time from a timeout to the thread that waits for it, beside hogs and a storm
 *
 * An interactive thread wakes up every 5 ms. Four hogs compute, first at a lower
 * priority, then at its own. A driver has a timer interrupt every 53 us, and each
 * time signals a thread that is less urgent. With ICOUNT=1 the unit is an
 * instruction:
 *
 *     bench latency_<hogs> <median> <99th percentile> <maximum>
 */

/* public */
#include <base/component.h>
#include <base/log.h>
#include <base/signal.h>
#include <base/thread.h>
#include <util/container_of.h>

enum { HOGS = 4, ROUNDS = 200, WARM_UP = 5, PERIOD = 5000, STORM = 53 };

enum { LESS = 40, INTERACTIVE = 60, DRIVER = 100 };

static struct env    *the_env;
static bool volatile  stop;

static uint64_t tsc(void)
{
	uint32_t low, high;
	__asm__ volatile ("rdtsc" : "=a" (low), "=d" (high));
	return (uint64_t)high << 32 | low;
}

/* -- what disturbs -- */

static void hog(struct thread *thread)
{
	while (!stop)
		for (unsigned volatile i = 0; i < 500; i++) { }
}

static struct signal_handler less_urgent;

static void drive(struct thread *thread)
{
	struct signal_handler timer = { 0 };
	uint64_t due = clock_us();
	if (thread_signal(the_env, &timer.cap))
		return;
	while (!stop) {
		due += STORM;
		error_ignore(signal_handler_at(&timer, due), "then it hangs");
		signal_wait(timer.cap);
		error_ignore(signal_submit(less_urgent.cap), "it may be gone");
	}
	thread_signal_close(the_env, &timer.cap);
}

static void follow(struct thread *thread)
{
	if (thread_signal(the_env, &less_urgent.cap))
		return;
	while (!stop)
		signal_wait(less_urgent.cap);
}

/* -- what is measured -- */

static uint64_t tsc_per_us;

/** Spin until the clock shows another microsecond; which one */
static uint64_t next_tick(void)
{
	uint64_t const before = clock_us();
	uint64_t us;
	while ((us = clock_us()) == before) { }
	return us;
}

static void calibrate(void)
{
	uint64_t const from_us = next_tick(), from = tsc();
	while (clock_us() < from_us + 1000) { }
	uint64_t const us = next_tick() - from_us;
	tsc_per_us = (tsc() - from + us / 2) / us;
}

/** Time since 'due', at TSC 'now', which was a moment ago: clocks drift */
static uint64_t since(uint64_t due, uint64_t now)
{
	uint64_t const us = next_tick();
	uint64_t const at = tsc() - (us - due) * tsc_per_us;
	return now > at ? now - at : 0;
}

static uint64_t late[ROUNDS];

static void interact(struct thread *thread)
{
	struct signal_handler timer = { 0 };
	uint64_t due = clock_us() + PERIOD;
	if (thread_signal(the_env, &timer.cap))
		return;
	for (unsigned i = 0; i < ROUNDS + WARM_UP; i++, due += PERIOD) {
		error_ignore(signal_handler_at(&timer, due), "then it hangs");
		signal_wait(timer.cap);
		uint64_t const now = tsc();
		if (i >= WARM_UP)
			late[i - WARM_UP] = since(due, now);
	}
	thread_signal_close(the_env, &timer.cap);
}

static void sort(uint64_t *value, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		uint64_t const v = value[i];
		unsigned k = i;
		for (; k && value[k - 1] > v; k--)
			value[k] = value[k - 1];
		value[k] = v;
	}
}

static enum error start(struct thread *thread, void (*entry)(struct thread *),
                        uint32_t priority)
{
	return thread_open(thread, the_env, &(struct thread_args) {
		.entry = entry, .name = "latency", .priority = priority });
}

static enum error measure(char const *name, uint32_t priority)
{
	static struct thread hogs[HOGS], driver, follower, interactive;
	stop = false;
	calibrate();
	enum error error = start(&interactive, interact, INTERACTIVE);
	if (!error) error = start(&follower, follow, LESS);
	if (!error) error = start(&driver, drive, DRIVER);
	for (unsigned i = 0; i < HOGS && !error; i++)
		error = start(&hogs[i], hog, priority);
	if (error)
		return error;

	thread_join(&interactive);
	stop = true;
	thread_join(&driver);
	thread_close(&driver);
	thread_close(&follower);
	thread_close(&interactive);
	for (unsigned i = 0; i < HOGS; i++)
		thread_close(&hogs[i]);

	sort(late, ROUNDS);
	log_info("bench latency_%s %lu %lu %lu", name, late[ROUNDS / 2],
	         late[ROUNDS - 1 - ROUNDS / 100], late[ROUNDS - 1]);
	return ERROR_OK;
}

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error error = measure("lower", LESS);
	if (!error)
		error = measure("equal", INTERACTIVE);
	if (!error)
		log_info("--- latency finished ---");
	return error;
}
