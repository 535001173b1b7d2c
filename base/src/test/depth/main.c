/* SPDX-License-Identifier: MIT */
/*
 * Property: calls nest 16 deep, on one CPU and across all of them; the one
 * beyond is refused with DEPTH to who made it; a cycle of any length ends with
 * DEPTH to who closes it; afterwards all servers serve as before.
 */

#include "test.h"

enum { SERVERS = 20, DEPTH = 16, RIVALS = 4 };

static struct entrypoint *ep[SERVERS];
static struct rpc_object  server[SERVERS];
static unsigned           next_of[SERVERS];   /* SERVERS: answers itself */

/** Word: servers passed so far; the deepest error goes up as second word */
static enum error pass_on(struct rpc_object *object, struct rpc_message *m)
{
	unsigned const self = (unsigned)(object - server);
	struct rpc_message down = { .words = 1 };
	uint64_t passed = m->word[0] + 1;
	enum error error = ERROR_OK;
	uint64_t below = 0;
	if (next_of[self] < SERVERS) {
		down.word[0] = passed;
		error = rpc_call(server[next_of[self]].cap, &down, 0);
		if (!error) {
			passed = down.word[0];
			below  = down.word[1];
		} else {
			below = (uint64_t)error;
		}
	}
	m->words = 2;
	m->word[0] = passed;
	m->word[1] = below;
	return ERROR_OK;
}

static void open(bool spread)
{
	for (unsigned i = 0; i < SERVERS; i++) {
		ep[i] = server_open("link", spread ? i : 0, 0);
		server_object(&server[i], ep[i], pass_on);
		next_of[i] = i + 1;
	}
}

static void close(void)
{
	for (unsigned i = 0; i < SERVERS; i++)
		entrypoint_close(ep[i]);
}

static void expect(unsigned first, uint64_t passed, enum error below)
{
	struct rpc_message m = { .words = 1, .word = { 0 } };
	check_ok(rpc_call(server[first].cap, &m, 0));
	check(m.word[0] == passed && m.word[1] == (uint64_t)below,
	      "%lu servers, then \"%s\" instead of %lu, \"%s\"", m.word[0],
	      error_text((enum error)m.word[1]), passed, error_text(below));
}

static void depth(void)
{
	for (unsigned spread = 0; spread < 2; spread++) {
		open(spread);
		for (unsigned length = 1; length <= SERVERS; length++) {
			unsigned const first = SERVERS - length;
			next_of[SERVERS - 1] = SERVERS;
			if (length <= DEPTH)
				expect(first, length, ERROR_OK);
			else
				expect(first, DEPTH, ERROR_DEPTH);
		}
		expect(SERVERS - 1, 1, ERROR_OK);
		close();
	}
}

static void cycles(void)
{
	for (unsigned spread = 0; spread < 2; spread++) {
		open(spread);
		for (unsigned length = 1; length <= DEPTH; length++) {
			next_of[length - 1] = 0;
			expect(0, length, ERROR_DEPTH);
			if (length > 1) /* entered at another place */
				expect(length / 2, length, ERROR_DEPTH);
			next_of[length - 1] = length;
		}
		/* all of them are free again */
		for (unsigned i = 0; i < SERVERS; i++) {
			next_of[i] = SERVERS;
			expect(i, 1, ERROR_OK);
		}
		close();
	}
}

/** Several threads close the same cycle at once: someone gets DEPTH, all end */
static uint64_t volatile answered, refused;

static void rival(struct worker *worker)
{
	for (unsigned i = 0; i < 60; i++) {
		struct rpc_message m = { .words = 1, .word = { 0 } };
		enum error const error =
			rpc_call(server[worker->index % 4].cap, &m, 0);
		/* the first call may close a cycle that others began */
		check(!error || error == ERROR_DEPTH, "%s", error_text(error));
		check(error || m.word[1] == (uint64_t)ERROR_DEPTH
		      || m.word[1] == ERROR_OK, "below: %s",
		      error_text((enum error)m.word[1]));
		__atomic_fetch_add(error || m.word[1] ? &refused : &answered, 1,
		                   __ATOMIC_RELAXED);
	}
}

static void rivals(void)
{
	static struct worker workers[RIVALS];
	for (unsigned spread = 0; spread < 2; spread++) {
		open(spread);
		answered = refused = 0;
		next_of[3] = 0;
		workers_open(workers, RIVALS, 0, rival);
		workers_join(workers, RIVALS);
		check(refused, "no cycle was found");
		for (unsigned i = 0; i < SERVERS; i++) {
			next_of[i] = SERVERS;
			expect(i, 1, ERROR_OK);
		}
		close();
	}
}

static struct test_step const steps[] = {
	{ "depth", depth }, { "cycles", cycles }, { "rivals", rivals },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
