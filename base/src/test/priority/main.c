/* SPDX-License-Identifier: MIT */
/*
 * Property: who is more urgent runs first and at once; a server works at the
 * urgency of its caller, through a chain of servers that are busy with others
 * and less urgent than what runs beside them, on the same and on another CPU;
 * equals share. Judged in virtual time: the scenario runs under ICOUNT=1.
 *
 * 'strict' in the configuration: who is less urgent does not run at all.
 */

/* public */
#include <base/hid.h>

/* local */
#include "test.h"

/* this thread is the most urgent one (64); bounds in microseconds */
enum { HOGS = 3, HOG = 40, LINKS = 3, WORK = 200, LATENCY = 200, SLACK = 400 };

static bool strict;
static uint64_t turns_per_us;

/** PAUSE lets the emulated CPUs take turns; it is slow there */
static void turn(uint64_t number)
{
	if (number % 1024 == 0)
		__builtin_ia32_pause();
	else
		__asm__ volatile ("");
}

/** Compute for so long, if nobody takes the CPU away */
static void compute(uint64_t us)
{
	for (uint64_t i = us * turns_per_us; i; i--)
		turn(i);
}

static void calibrate(void)
{
	turns_per_us = 1000;
	uint64_t const start = clock_us();
	compute(10);
	uint64_t const us = clock_us() - start;
	turns_per_us = us ? 10000 / us + 1 : 1000;
}

/* -- hogs that never stop -- */

static struct worker hogs[HOGS * 4];
static unsigned      n_hogs;

static void hog(struct worker *worker)
{
	for (;;)
		turn(++*(uint64_t volatile *)&worker->count);
}

static void hogs_open(uint32_t priority)
{
	n_hogs = HOGS * test_cpus;
	workers_open(hogs, n_hogs, priority, hog);
	test_sleep(1000);
}

static uint64_t hog_turns(void)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < n_hogs; i++)
		sum += *(uint64_t volatile *)&hogs[i].count;
	return sum;
}

/* -- order -- */

static unsigned volatile order[8], n_order;

static void note_order(struct thread *thread)
{
	compute(2000);
	order[n_order++] = (unsigned)thread->env->opaque[0];
}

/** Started the wrong way round while this thread has the CPU */
static void in_order(void)
{
	enum { THREADS = 5 };
	static struct thread threads[THREADS];
	static struct env envs[THREADS];
	n_order = 0;
	for (unsigned i = 0; i < THREADS; i++) {
		envs[i] = *test_env;
		envs[i].opaque[0] = i;
		check_ok(thread_open(&threads[i], &envs[i], &(struct thread_args) {
			.entry = note_order, .priority = 10 + 10 * i }));
	}
	for (unsigned i = 0; i < THREADS; i++) {
		thread_join(&threads[i]);
		thread_close(&threads[i]);
	}
	for (unsigned i = 0; i < THREADS; i++)
		check(!strict || order[i] == THREADS - 1 - i,
		      "thread of priority %u ended as number %u",
		      10 + 10 * order[i], i);
}

/** A timeout among hogs: from its time to the thread that waited for it */
static void latency(void)
{
	struct signal_handler timer = { 0 };
	uint64_t worst = 0;
	hogs_open(HOG);
	check_ok(thread_signal(test_env, &timer.cap));
	for (unsigned i = 0; i < 60; i++) {
		uint64_t const due = clock_us() + 700 + i * 13;
		check_ok(signal_handler_at(&timer, due));
		check(signal_wait(timer.cap) == 1, "no timeout");
		uint64_t const late = clock_us() - due;
		worst = late > worst ? late : worst;
	}
	check(hog_turns(), "the hogs did not run: nothing was tested");
	log_info("latency: at most %lu us", worst);
	check(worst <= LATENCY, "%lu us late", worst);
	workers_close(hogs, n_hogs);
	thread_signal_close(test_env, &timer.cap);
}

/** While something more urgent runs, the others do not */
static void starvation(void)
{
	hogs_open(HOG);
	uint64_t const before = hog_turns();
	compute(30000);
	uint64_t const meanwhile = hog_turns() - before;
	workers_close(hogs, n_hogs);
	/* hogs on other CPUs run on; with one CPU none may */
	check(!strict || test_cpus > 1 || !meanwhile, "%lu turns", meanwhile);
}

/* -- inversion -- */

static struct entrypoint *link_ep[LINKS];
static struct rpc_object  link[LINKS];

static enum error work(struct rpc_object *object, struct rpc_message *m)
{
	unsigned const self = (unsigned)(object - link);
	uint64_t word = m->word[0];
	compute(WORK);
	if (self + 1 < LINKS)
		check_ok(server_call(link[self + 1].cap, &word));
	m->words = 1;
	m->word[0] = word + 1;
	return ERROR_OK;
}

static void links_open(bool spread)
{
	for (unsigned i = 0; i < LINKS; i++) {
		/* each less urgent than the one before, all less than the hogs */
		link_ep[i] = server_open("link", spread ? i : 0, 30 - 10 * i);
		server_object(&link[i], link_ep[i], work);
	}
}

static void links_close(void)
{
	for (unsigned i = 0; i < LINKS; i++)
		entrypoint_close(link_ep[i]);
}

/**
 * Longest time for so much work
 *
 * Counting instructions, the emulator runs one CPU at a time: while all of them
 * are busy, each has its share of the virtual time.
 */
static uint64_t bound(uint64_t us)
{
	return us * test_cpus * 3 / 2 + SLACK;
}

static uint64_t call_chain(void)
{
	uint64_t const start = clock_us();
	uint64_t word = 0;
	check_ok(server_call(link[0].cap, &word));
	check(word == LINKS, "%lu servers", word);
	return clock_us() - start;
}

static void chain(void)
{
	for (unsigned spread = 0; spread < 2; spread++) {
		links_open(spread);
		hogs_open(HOG);
		uint64_t worst = 0;
		for (unsigned i = 0; i < 10; i++) {
			uint64_t const us = call_chain();
			worst = us > worst ? us : worst;
			test_sleep(700);
		}
		workers_close(hogs, n_hogs);
		links_close();
		log_info("chain: at most %lu us, work is %u us", worst, LINKS * WORK);
		check(worst <= bound(LINKS * WORK), "%lu us", worst);
	}
}

/* the last server is in the middle of a call of somebody unimportant */

static bool volatile leave;
static unsigned      entered;  /* link that the unimportant ones call */

static void unimportant(struct worker *worker)
{
	uint64_t word = 0;
	while (!leave) {
		check_ok(server_call(link[entered].cap, &word));
		worker->count++;
	}
}

/** 'callers' unimportant ones are in the way; each has at most so much left */
static void in_the_way(char const *what, unsigned callers, unsigned left)
{
	static struct worker caller[2];
	for (unsigned spread = 0; spread < 2; spread++) {
		uint64_t worst = 0, busy = 0;
		leave = false;
		links_open(spread);
		workers_open(caller, callers, 5, unimportant);
		for (unsigned i = 0; i < 10; i++) {
			test_sleep(500 + i * 70); /* they are somewhere in their calls */
			for (unsigned k = 0; k < callers; k++)
				busy += caller[k].count;
			hogs_open(HOG);           /* and now they stand still */
			uint64_t const us = call_chain();
			worst = us > worst ? us : worst;
			workers_close(hogs, n_hogs);
		}
		leave = true;
		workers_join(caller, callers);
		links_close();
		log_info("%s: at most %lu us", what, worst);
		check(busy, "nobody was in the way");
		check(worst <= bound((LINKS + callers * left) * WORK), "%lu us", worst);
	}
}

static void busy_chain(void)
{
	/* what is left of the call in progress, and one that waited */
	entered = LINKS - 1;
	in_the_way("busy chain", 2, 1);
}

/** The unimportant one is at any place of the chain, which the other waits for */
static void held_chain(void)
{
	entered = 0;
	in_the_way("held chain", 1, LINKS);
}

/* -- equals -- */

static void equal_shares(void)
{
	hogs_open(20);
	uint64_t before[HOGS * 4] = { 0 }, after = 0, sum = 0, least = ~0ul, most = 0;
	for (unsigned i = 0; i < n_hogs; i++)
		check_ok(thread_time(hogs[i].thread.cap, &before[i]));
	test_sleep(120000);
	for (unsigned i = 0; i < n_hogs; i++) {
		check_ok(thread_time(hogs[i].thread.cap, &after));
		uint64_t const us = after - before[i];
		sum += us;
		least = us < least ? us : least;
		most  = us > most ? us : most;
	}
	workers_close(hogs, n_hogs);
	log_info("shares: %lu to %lu us of 120000", least, most);
	check(sum <= test_cpus * 125000, "more time than there was: %lu us", sum);
	check(sum >= test_cpus * 105000, "time got lost: %lu us", sum);
	check(least >= 30000 && most <= 50000, "%lu to %lu us", least, most);
}

static struct test_step const steps[] = {
	{ "order", in_order }, { "latency", latency }, { "starvation", starvation },
	{ "chain", chain }, { "busy chain", busy_chain },
	{ "held chain", held_chain },
	{ "equal shares", equal_shares },
};

enum error component_construct(struct env *env)
{
	strict = hid_bool(env->config, "strict", false);
	calibrate();
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
