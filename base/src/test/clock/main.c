/* SPDX-License-Identifier: MIT */
/*
 * Property: there is one time. What a thread reads from the time-stamp counter is
 * never less than what another one, on whichever CPU, read before and told it; and
 * a timeout comes no earlier by any CPU's clock than it was meant by another's.
 */

#include "test.h"

enum { THREADS_MAX = 64, TOKEN_ROUNDS = 1000, TIMEOUT_ROUNDS = 60,
       TIMEOUT_US = 700 };

static struct worker workers[THREADS_MAX];
static unsigned      count;      /* of threads: one a CPU, but two at least */
static unsigned      there;      /* of them, with … */
static signal_cap_t  told[THREADS_MAX];

/** RDTSC alone may be executed before earlier loads */
static uint64_t now(void)
{
	__asm__ volatile ("lfence" ::: "memory");
	return __builtin_ia32_rdtsc();
}

static void tell(unsigned index)
{
	check_ok(signal_submit(told[index % count]));
}

static void await(unsigned index)
{
	check(signal_wait(told[index]) == 1, "thread %u was told twice", index);
}

/** Threads of all CPUs, of which the first is told to begin */
static void run_all(void (*run)(struct worker *))
{
	count = test_cpus > 1 ? test_cpus : 2;
	there = 0;
	workers_open(workers, count, 0, run);
	wait_for(__atomic_load_n(&there, __ATOMIC_ACQUIRE) == count,
	         "not all threads are there");
	tell(0);
	workers_join(workers, count);
}

static void begin(struct worker const *worker)
{
	check_ok(thread_signal(test_env, &told[worker->index]));
	__atomic_add_fetch(&there, 1, __ATOMIC_RELEASE);
}

static void end(struct worker const *worker)
{
	thread_signal_close(test_env, &told[worker->index]);
}

/* -- each thread in turn, CPU after CPU -- */

static uint64_t last;

static void pass_token(struct worker *worker)
{
	unsigned const index = worker->index, rounds = test_rounds(TOKEN_ROUNDS);
	begin(worker);
	for (unsigned i = 0; i < rounds; i++) {
		await(index);
		uint64_t const time = now();
		check(time >= last, "thread %u (CPU %u): the time went from %lu to %lu",
		      index, index % test_cpus, last, time);
		last = time;
		if (i + 1 < rounds || index + 1 < count)
			tell(index + 1);
	}
	end(worker);
}

static void token(void)
{
	last = 0;
	run_all(pass_token);
}

/* -- one thread says when the next one is to wake up -- */

static uint64_t when, latest;

static void sleep_until(signal_cap_t timeout, uint64_t us)
{
	struct signal_handler timer = { .cap = timeout };
	check_ok(signal_handler_at(&timer, us));
	check(signal_wait(timeout) == 1, "the timeout did not come once");
	check(clock_us() >= us, "too early by the own clock");
}

/** By the clock of the thread that says when */
static void judge(unsigned index)
{
	uint64_t const time = clock_us();
	check(time >= when, "CPU %u woke up %lu us early by the clock of CPU %u",
	      (index + 1) % count % test_cpus, when - time, index % test_cpus);
	if (time - when > latest)
		latest = time - when;
}

/** Each is told that it is its turn, to sleep, or that the next one has slept */
static void sleep_in_turn(struct worker *worker)
{
	unsigned const index = worker->index, rounds = test_rounds(TIMEOUT_ROUNDS);
	signal_cap_t timeout;
	check_ok(thread_signal(test_env, &timeout));
	begin(worker);
	for (unsigned i = 0; i < rounds * count; i++) {
		if (index == i % count) {
			await(index);
			when = clock_us() + TIMEOUT_US;
			tell(index + 1);
			await(index);
			judge(index);
			if (i + 1 < rounds * count)
				tell(index + 1);
		} else if (index == (i + 1) % count) {
			await(index);
			sleep_until(timeout, when);
			tell(i);
		}
	}
	end(worker);
	thread_signal_close(test_env, &timeout);
}

static void timeouts(void)
{
	latest = 0;
	run_all(sleep_in_turn);
	log_info("woke up at most %lu us late", latest);
}

static struct test_step const steps[] = {
	{ "token", token }, { "timeouts", timeouts },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
