/* SPDX-License-Identifier: MIT */
/*
 * Property: a timeout of the timer comes once, not before its time and soon
 * after it; a period keeps its rate without drift; that holds for many clients
 * at once; what is replaced, cancelled or closed does not come. How soon, and at
 * which rate, is judged in virtual time only: 'exact' in the configuration.
 */

/* public */
#include <base/hid.h>
#include <session/timer.h>

/* local */
#include "test.h"

enum { CLIENTS = 50, LATE = 300 };

static bool exact;

struct client {
	struct timer_session timer;
	signal_cap_t         signal;
};

static void open(struct client *client)
{
	check_ok(timer_open(&client->timer, test_env, NULL));
	check_ok(thread_signal(test_env, &client->signal));
}

static void close(struct client *client)
{
	timer_close(&client->timer);
	thread_signal_close(test_env, &client->signal);
}

static void check_time(uint64_t start, uint64_t us, char const *what)
{
	uint64_t const passed = clock_us() - start;
	check(passed >= us, "%s: after %lu instead of %lu us", what, passed, us);
	check(!exact || passed <= us + LATE, "%s: after %lu instead of %lu us",
	      what, passed, us);
}

static void clock(void)
{
	struct client c;
	uint64_t us, last = 0;
	open(&c);
	for (unsigned i = 0; i < 200; i++) {
		uint64_t const before = clock_us();
		check_ok(timer_elapsed_us(c.timer.cap, &us));
		check(us >= before && us <= clock_us() && us >= last,
		      "%lu is not between %lu and %lu", us, before, clock_us());
		last = us;
	}
	close(&c);
}

static void once(void)
{
	static uint64_t const us[] = { 0, 1, 10, 100, 500, 1000, 7777, 20000 };
	struct client c;
	open(&c);
	for (unsigned i = 0; i < sizeof us / sizeof *us; i++) {
		uint64_t const start = clock_us();
		check_ok(timer_once(c.timer.cap, c.signal, us[i]));
		check(signal_wait(c.signal) == 1, "not once");
		check_time(start, us[i], "timeout");
	}
	close(&c);
}

/** Only the last one comes; on a slow machine, the first one may have come before */
static void replaced(void)
{
	struct client c;
	open(&c);
	uint64_t const start = clock_us();
	check_ok(timer_once(c.timer.cap, c.signal, 500));
	check_ok(timer_once(c.timer.cap, c.signal, 3000));
	bool const late = clock_us() >= start + 500;
	check(!late || !exact, "late");
	uint64_t count = signal_wait(c.signal);
	if (late && clock_us() < start + 3000)
		count += signal_wait(c.signal);
	check_time(start, 3000, "replaced");
	check(count == 1 || (late && count == 2), "%lu came", count);
	close(&c);
}

static void cancelled(void)
{
	struct client c;
	open(&c);
	uint64_t const start = clock_us();
	check_ok(timer_once(c.timer.cap, c.signal, 1000));
	check_ok(timer_cancel(c.timer.cap));
	bool const late = clock_us() >= start + 1000;
	check(!late || !exact, "late");
	check_ok(timer_cancel(c.timer.cap));
	check_ok(timer_once(c.timer.cap, c.signal, ~0ul));
	test_sleep(3000);
	check_ok(signal_submit(c.signal));
	uint64_t const count = signal_wait(c.signal) - 1;
	check(!count || (late && count == 1), "%lu cancelled ones came", count);
	close(&c);
}

static void rate(void)
{
	enum { PERIOD = 1000, TICKS = 60 };
	struct client c;
	open(&c);
	check_error(timer_periodic(c.timer.cap, c.signal, 0), ERROR_INVALID);
	check_error(timer_periodic(c.timer.cap, c.signal, 99), ERROR_INVALID);
	uint64_t const start = clock_us();
	check_ok(timer_periodic(c.timer.cap, c.signal, PERIOD));
	uint64_t ticks = 0;
	while (ticks < TICKS) {
		uint64_t const count = signal_wait(c.signal);
		check(!exact || count == 1, "%lu ticks at once", count);
		ticks += count;
		check(clock_us() >= start + ticks * PERIOD, "tick %lu is early", ticks);
		check(!exact || clock_us() <= start + ticks * PERIOD + LATE,
		      "tick %lu is %lu us late", ticks,
		      clock_us() - start - ticks * PERIOD);
	}
	check_ok(timer_cancel(c.timer.cap));
	close(&c);
}

static void highest_rate(void)
{
	struct client c;
	open(&c);
	uint64_t const start = clock_us();
	check_ok(timer_periodic(c.timer.cap, c.signal, 100));
	test_sleep(20000);
	check_ok(timer_cancel(c.timer.cap));
	uint64_t const most = (clock_us() - start) / 100;
	check_ok(signal_submit(c.signal));      /* may be none: no hang */
	uint64_t const ticks = signal_wait(c.signal) - 1;
	check(ticks <= most && (!exact || ticks >= 190),
	      "%lu ticks of 100 us instead of %lu", ticks, most);
	close(&c);
}

static struct client client[CLIENTS];

/** Odd clients have a period each, even ones a timeout each, all at once */
static bool is_periodic(unsigned i) { return i % 2; }

static uint64_t period_of(unsigned i) { return 1000 + i * 137; }
static uint64_t time_of(unsigned i)   { return 1500 + i * 1111; }

static uint64_t arm(unsigned i)
{
	uint64_t const now = clock_us();
	check_ok(is_periodic(i)
		? timer_periodic(client[i].timer.cap, client[i].signal, period_of(i))
		: timer_once(client[i].timer.cap, client[i].signal, time_of(i)));
	return now;
}

static void check_ticks(unsigned i, uint64_t us)
{
	check_ok(signal_submit(client[i].signal)); /* may be none: no hang */
	uint64_t const ticks = signal_wait(client[i].signal) - 1;
	uint64_t const most = is_periodic(i) ? us / period_of(i) : 0;
	check(ticks <= most, "client %u: %lu ticks of %lu us in %lu", i, ticks,
	      period_of(i), us);
	check(!exact || ticks + 1 >= most, "client %u: %lu ticks of %lu us in %lu",
	      i, ticks, period_of(i), us);
}

static void many_clients(void)
{
	uint64_t start[CLIENTS], passed[CLIENTS];
	for (unsigned i = 0; i < CLIENTS; i++)
		open(&client[i]);
	for (unsigned i = 0; i < CLIENTS; i++)
		start[i] = arm(i);
	for (unsigned i = 0; i < CLIENTS; i++)
		if (!is_periodic(i)) {
			check(signal_wait(client[i].signal) == 1, "not once");
			check_time(start[i], time_of(i), "one of many");
		}
	for (unsigned i = 0; i < CLIENTS; i++) {
		check_ok(timer_cancel(client[i].timer.cap));
		passed[i] = clock_us() - start[i];
	}
	for (unsigned i = 0; i < CLIENTS; i++)
		check_ticks(i, passed[i]);
	/* closed with timeouts in all states */
	for (unsigned i = 0; i < CLIENTS; i++)
		check_ok(timer_once(client[i].timer.cap, client[i].signal, i * 50));
	for (unsigned i = 0; i < CLIENTS; i++)
		close(&client[i]);
}

static void wait_once(struct worker *worker)
{
	struct client c;
	open(&c);
	for (unsigned i = 0; i < 10; i++) {
		uint64_t const us = 300 + worker->index * 111;
		uint64_t const start = clock_us();
		check_ok(timer_once(c.timer.cap, c.signal, us));
		check(signal_wait(c.signal) == 1, "not once");
		check(clock_us() >= start + us, "early");
	}
	close(&c);
}

static void all_cpus(void)
{
	static struct worker workers[8];
	workers_open(workers, 8, 0, wait_once);
	workers_join(workers, 8);
}

static struct test_step const steps[] = {
	{ "clock", clock }, { "once", once }, { "replaced", replaced },
	{ "cancelled", cancelled }, { "rate", rate },
	{ "highest rate", highest_rate }, { "many clients", many_clients },
	{ "on all CPUs", all_cpus },
};

enum error component_construct(struct env *env)
{
	exact = hid_bool(env->config, "exact", false);
	/* when it is answered, the server has let go of the former life's */
	static struct timer_session first;
	enum error const error = timer_open(&first, env, NULL);
	return error ? error : test_main(env, steps, sizeof steps / sizeof *steps);
}
