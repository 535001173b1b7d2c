/* SPDX-License-Identifier: MIT */
/*
 * Property: signals from all CPUs to all CPUs at once, as fast as they go, are
 * all counted; receivers keep answering calls; signals that die in the middle of
 * it are GONE to their senders, and nothing else happens.
 */

/* public */
#include <util/container_of.h>

/* local */
#include "test.h"

enum { ENTRYPOINTS = 4, SENDERS = 8, SIGNALS = 6, US = 30000 };

struct counter {
	struct signal_handler handler;
	uint64_t volatile     sum;
};

static struct entrypoint *ep[ENTRYPOINTS];
static struct rpc_object  object[ENTRYPOINTS];
static struct counter     counter[ENTRYPOINTS][SIGNALS];
static uint64_t           sent[SENDERS][ENTRYPOINTS][SIGNALS];
static bool volatile      stop;

static void count_up(struct signal_handler *handler, uint64_t count)
{
	container_of(handler, struct counter, handler)->sum += count;
}

/** The last signal of each entrypoint is replaced by each call */
static enum error replace(struct rpc_object *self, struct rpc_message *m)
{
	unsigned const i = (unsigned)(self - object);
	struct counter *const last = &counter[i][SIGNALS - 1];
	signal_handler_close(&last->handler);
	check_ok(signal_handler_open(&last->handler, ep[i]));
	m->words = 0;
	return ERROR_OK;
}

static void send(struct worker *worker)
{
	uint64_t seed = worker->index + 1;
	while (!stop) {
		uint64_t const r = test_random(&seed);
		uint64_t const i = r % ENTRYPOINTS, k = r / 64 % SIGNALS;
		signal_cap_t const signal =
			*(signal_cap_t volatile *)&counter[i][k].handler.cap;
		enum error const error = signal_submit(signal);
		if (!error)
			sent[worker->index][i][k]++;
		else if (k < SIGNALS - 1 || signal.cap)
			check_error(error, ERROR_GONE);
		check(!error || k == SIGNALS - 1, "a living signal is gone");
	}
}

/** While they are at it */
static uint64_t sent_by(unsigned sender)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < ENTRYPOINTS; i++)
		for (unsigned k = 0; k < SIGNALS; k++)
			sum += *(uint64_t volatile *)&sent[sender][i][k];
	return sum;
}

static uint64_t sum_of(unsigned i, unsigned k)
{
	uint64_t sum = 0;
	for (unsigned s = 0; s < SENDERS; s++)
		sum += sent[s][i][k];
	return sum;
}

static void storm(void)
{
	static struct worker workers[SENDERS];
	uint64_t rounds = 0;
	stop = false;
	for (unsigned s = 0; s < SENDERS; s++)
		for (unsigned i = 0; i < ENTRYPOINTS; i++)
			for (unsigned k = 0; k < SIGNALS; k++)
				sent[s][i][k] = 0;
	for (unsigned i = 0; i < ENTRYPOINTS; i++) {
		ep[i] = server_open("receiver", i, 0);
		server_object(&object[i], ep[i], replace);
		for (unsigned k = 0; k < SIGNALS; k++) {
			counter[i][k] = (struct counter) { .handler.handle = count_up };
			check_ok(signal_handler_open(&counter[i][k].handler, ep[i]));
		}
	}
	workers_open(workers, SENDERS, 32, send);
	uint64_t const end = clock_us() + US;
	while (clock_us() < end || rounds < test_rounds(20)) {
		uint64_t word = 0;
		check_ok(server_call(object[rounds++ % ENTRYPOINTS].cap, &word));
		test_sleep(300);
	}
	for (unsigned s = 0; s < SENDERS; s++)
		wait_for(sent_by(s) > 25, "sender %u: that is no storm", s);
	stop = true;
	workers_join(workers, SENDERS);

	uint64_t total = 0;
	for (unsigned i = 0; i < ENTRYPOINTS; i++)
		for (unsigned k = 0; k < SIGNALS; k++) {
			uint64_t const all = sum_of(i, k);
			total += all;
			if (k == SIGNALS - 1) {
				check(counter[i][k].sum <= all, "more than were sent");
				continue;
			}
			wait_for(counter[i][k].sum == all, "%lu of %lu came",
			         counter[i][k].sum, all);
		}
	log_info("%lu signals, %lu calls meanwhile", total, rounds);
	for (unsigned i = 0; i < ENTRYPOINTS; i++) {
		for (unsigned k = 0; k < SIGNALS; k++)
			signal_handler_close(&counter[i][k].handler);
		entrypoint_close(ep[i]);
	}
}

static struct test_step const steps[] = { { "storm", storm } };

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
