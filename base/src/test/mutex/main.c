/* SPDX-License-Identifier: MIT */
/*
 * Property: a mutex is held by one thread at a time, is granted in the order in
 * which threads came, wakes whoever waits, and costs nothing that stays.
 */

#include "test.h"

enum { WORKERS = 12, ROUNDS = 2000 };

static struct worker workers[WORKERS];
static struct mutex  mutex;

/* -- exclusion, on all CPUs at once -- */

static uint64_t volatile inside, sum;

static void contend(struct worker *worker)
{
	for (unsigned i = 0; i < test_rounds(ROUNDS); i++) {
		mutex_lock(&mutex);
		check(!inside, "two threads inside");
		inside = 1;
		uint64_t const seen = sum;
		if (i % 64 == worker->index)
			thread_yield(); /* lose the CPU while inside */
		sum = seen + 1;
		inside = 0;
		mutex_unlock(&mutex);
	}
}

static void exclusion(void)
{
	sum = 0;
	workers_open(workers, WORKERS, 0, contend);
	workers_join(workers, WORKERS);
	check(sum == WORKERS * test_rounds(ROUNDS), "%lu of %u increments", sum,
	      WORKERS * test_rounds(ROUNDS));
	check(!mutex.word, "not free at the end");
}

/* -- order -- */

static unsigned volatile queued, order[WORKERS], granted;

static void take_turn(struct worker *worker)
{
	/* come one after the other */
	wait_for(queued == worker->index, "the one before did not come");
	mutex_lock(&mutex);
	order[granted++] = worker->index;
	mutex_unlock(&mutex);
}

static uint64_t waiting(uint64_t former)
{
	/* the word names the newest waiter: it changes with each one that comes */
	wait_for(__atomic_load_n(&mutex.word, __ATOMIC_RELAXED) != former,
	         "nobody came to the mutex");
	return __atomic_load_n(&mutex.word, __ATOMIC_RELAXED);
}

static void first_come(void)
{
	granted = 0;
	queued = ~0u;
	mutex_lock(&mutex);
	workers_open(workers, WORKERS, 0, take_turn);
	uint64_t word = mutex.word;
	for (unsigned i = 0; i < WORKERS; i++) {
		queued = i;
		word = waiting(word);
	}
	mutex_unlock(&mutex);
	workers_join(workers, WORKERS);
	for (unsigned i = 0; i < WORKERS; i++)
		check(order[i] == i, "thread %u was number %u", order[i], i);
}

/* -- trying -- */

static void try_only(struct worker *worker)
{
	worker->count = mutex_try(&mutex);
}

static void trying(void)
{
	check(mutex_try(&mutex), "a free mutex is not given");
	check(!mutex_try(&mutex), "given twice to the same thread");
	workers_open(workers, 4, 0, try_only);
	for (unsigned i = 0; i < 4; i++) {
		thread_join(&workers[i].thread);
		check(!workers[i].count, "given to a second thread");
	}
	workers_close(workers, 4);
	mutex_unlock(&mutex);
	check(mutex_try(&mutex), "not free after the unlock");
	mutex_unlock(&mutex);
}

static struct test_step const steps[] = {
	{ "exclusion", exclusion }, { "first come, first served", first_come },
	{ "trying", trying },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
