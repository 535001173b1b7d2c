/* SPDX-License-Identifier: MIT */
/* Servers, callers and receivers of signals move while all of them are busy */

/* public */
#include <util/container_of.h>

/* local */
#include "migrate.h"

enum { FRONTS = 2, CALLERS = 6, MOVES = 3000, SIGNALS = 4, LOW = 32 };

static char const *const names[FRONTS + 1] = { "front", "side", "back" };

static struct worker      callers[CALLERS];
static struct entrypoint *ep[FRONTS + 1];
static struct rpc_object  object[FRONTS + 1];
static thread_cap_t       server[FRONTS + 1];
static uint64_t           served[FRONTS + 1];
static bool volatile      stop;

static bool last(struct rpc_object const *self)
{
	return self == &object[FRONTS];
}

/** Odd numbers are passed on */
static enum error answer(struct rpc_object *self, struct rpc_message *m)
{
	uint64_t word = m->word[0];
	served[self - object]++;
	if (word % 2 && !last(self)) {
		if (server_call(object[FRONTS].cap, &word))
			return ERROR_GONE;
	} else
		word++;
	m->words   = 1;
	m->word[0] = word;
	return ERROR_OK;
}

static void open_server(unsigned i)
{
	ep[i] = server_open(names[i], i, 0);
	server_object(&object[i], ep[i], answer);
	server[i] = named(names[i]);
	served[i] = 0;
}

static void close_server(unsigned i)
{
	cap_drop(server[i].cap);
	entrypoint_close(ep[i]);
}

/** Any of the threads goes anywhere */
static void move_any(uint64_t *seed, unsigned servers)
{
	uint64_t const r = test_random(seed);
	uint64_t const i = r % (CALLERS + servers);
	thread_cap_t const thread = i < servers ? server[i]
	                          : callers[i - servers].thread.cap;
	check_ok(thread_move(thread, (uint32_t)(r / 1024 % test_cpus)));
}

static void call(struct worker *w)
{
	while (!stop) {
		uint64_t const i    = w->count++;
		uint64_t const sent = i << 8 | w->index;
		uint64_t word = sent;
		check_ok(server_call(object[i % FRONTS].cap, &word));
		check(word == sent + 1, "%lx was answered by %lx", sent, word);
		if (i % 64 == 0)
			test_sleep(100);
	}
}

static uint64_t calls_of(unsigned parity)
{
	uint64_t calls = 0;
	for (unsigned i = 0; i < CALLERS; i++)
		if (i % 2 == parity)
			calls += callers[i].count;
	return calls;
}

/** Each call is served once and answered once */
void storm_of_calls(void)
{
	uint64_t seed = 4711;
	stop = false;
	for (unsigned i = 0; i <= FRONTS; i++)
		open_server(i);
	workers_open(callers, CALLERS, LOW, call);
	for (unsigned i = 0; i < test_rounds(MOVES) || calls_of(0) < 100; i++) {
		move_any(&seed, FRONTS + 1);
		if (i % 16 == 0)
			test_sleep(100);
	}
	for (unsigned i = 0; i < CALLERS; i++) {
		uint64_t const before = callers[i].count;
		wait_for(callers[i].count > before + 1, "caller %u hangs", i);
	}
	stop = true;
	workers_join(callers, CALLERS);
	uint64_t const even = calls_of(0), odd = calls_of(1);
	check(served[0] + served[1] == even + odd, "%lu + %lu calls, %lu + %lu"
	      " served", even, odd, served[0], served[1]);
	check(served[2] == odd, "%lu passed on, %lu served", odd, served[2]);
	for (unsigned i = 0; i <= FRONTS; i++)
		close_server(i);
}

/* -- signals -- */

struct counter {
	struct signal_handler handler;
	uint64_t volatile     sum;
};

static struct counter counters[FRONTS][SIGNALS];
static uint64_t       sent[CALLERS][FRONTS][SIGNALS];

static void count_up(struct signal_handler *handler, uint64_t count)
{
	container_of(handler, struct counter, handler)->sum += count;
}

static void submit(struct worker *w)
{
	uint64_t seed = w->index + 1;
	for (; !stop; w->count++) {
		uint64_t const r = test_random(&seed);
		uint64_t const i = r % FRONTS, k = r / 64 % SIGNALS;
		check_ok(signal_submit(counters[i][k].handler.cap));
		sent[w->index][i][k]++;
		if (w->count % 16 == 0)
			test_sleep(100);
	}
}

static void all_came(unsigned i, unsigned k)
{
	uint64_t all = 0;
	for (unsigned c = 0; c < CALLERS; c++) {
		all += sent[c][i][k];
		sent[c][i][k] = 0;
	}
	wait_for(counters[i][k].sum == all, "%lu of %lu signals came",
	         counters[i][k].sum, all);
	check(all, "no signal was sent");
}

/** None is lost and none comes twice */
void storm_of_signals(void)
{
	uint64_t seed = 42;
	stop = false;
	for (unsigned i = 0; i < FRONTS; i++) {
		open_server(i);
		for (unsigned k = 0; k < SIGNALS; k++) {
			counters[i][k] = (struct counter) {
				.handler.handle = count_up };
			check_ok(signal_handler_open(&counters[i][k].handler,
			                             ep[i]));
		}
	}
	workers_open(callers, CALLERS, LOW, submit);
	for (unsigned i = 0; i < test_rounds(MOVES) || callers[0].count < 99; i++) {
		move_any(&seed, FRONTS);
		if (i % 16 == 0)
			test_sleep(100);
	}
	stop = true;
	workers_join(callers, CALLERS);
	for (unsigned i = 0; i < FRONTS; i++) {
		for (unsigned k = 0; k < SIGNALS; k++)
			all_came(i, k);
		close_server(i);
	}
}

/* -- death -- */

static void call_whatever(struct worker *w)
{
	for (; !stop; w->count++) {
		uint64_t word = w->count;
		cap_t const cap = *(cap_t volatile *)&object[word % FRONTS].cap;
		enum error const error = server_call(cap, &word);
		if (error && cap)
			check_error(error, ERROR_GONE);
		if (w->count % 64 == 0)
			thread_yield();
	}
}

/** A call that a dying server had, or never got, is GONE, and nothing else */
void storm_of_deaths(void)
{
	uint64_t seed = 99;
	for (unsigned round = 0; round < test_rounds(20); round++) {
		stop = false;
		for (unsigned i = 0; i <= FRONTS; i++)
			open_server(i);
		workers_open(callers, CALLERS, LOW, call_whatever);
		for (unsigned i = 0; i < 40; i++)
			move_any(&seed, FRONTS + 1);
		test_sleep(300);
		for (unsigned i = 0; i < 40; i++)
			move_any(&seed, FRONTS + 1);
		close_server(round % 2 ? FRONTS : 0);
		for (unsigned i = 0; i < CALLERS; i++)
			check_ok(thread_move(callers[i].thread.cap,
			                     (i + round) % test_cpus));
		stop = round % 3;
		if (stop)
			workers_join(callers, CALLERS);
		else
			workers_close(callers, CALLERS);
		for (unsigned i = 0; i <= FRONTS; i++)
			if (i != (round % 2 ? FRONTS : 0))
				close_server(i);
	}
}
