/* SPDX-License-Identifier: MIT */
/*
 * Property: a call to another CPU is a call like any other: words and
 * capabilities arrive, chains of servers cross CPUs back and forth, callers and
 * servers on all of them mix, and each caller gets its own answer.
 */

#include "test.h"

enum { SERVERS = 4, CALLERS = 8, ROUNDS = 150 };

static struct entrypoint *ep[SERVERS];
static struct rpc_object  server[SERVERS], token[SERVERS];
static int                token_ops;

/** Adds its number to each word, adds its token to the capabilities */
static enum error serve(struct rpc_object *object, struct rpc_message *m)
{
	unsigned const self = (unsigned)(object - server);
	for (uint32_t i = 0; i < m->words; i++)
		m->word[i] += self;
	check(m->caps <= 2, "%u capabilities", m->caps);
	m->cap[m->caps++] = token[self].cap;
	return ERROR_OK;
}

static enum error never(struct rpc_object *object, struct rpc_message *m)
{
	return ERROR_REFUSED;
}

/** Forwards to the next server, down to the last; counts the way back */
static enum error forward(struct rpc_object *object, struct rpc_message *m)
{
	unsigned const self = (unsigned)(object - server);
	uint64_t word = m->word[0];
	if (m->words > 1 && m->word[1]) {
		struct rpc_message next = { .words = 2 };
		next.word[0] = word + 1;
		next.word[1] = m->word[1] - 1;
		check_ok(rpc_call(server[(self + 1) % SERVERS].cap, &next, 0));
		word = next.word[0];
	}
	m->words = 1;
	m->word[0] = word + 1000;
	return ERROR_OK;
}

static void open(rpc_dispatch_t dispatch)
{
	for (unsigned i = 0; i < SERVERS; i++) {
		ep[i] = server_open("server", i, 0);
		server_object(&server[i], ep[i], dispatch);
		token[i] = (struct rpc_object) { .dispatch = never, .ops = &token_ops };
		check_ok(rpc_object_open(&token[i], ep[i]));
	}
}

static void close(void)
{
	for (unsigned i = 0; i < SERVERS; i++)
		entrypoint_close(ep[i]);
}

static void talk(struct worker *worker)
{
	uint64_t seed = worker->index + 1;
	for (unsigned n = 0; n < ROUNDS; n++) {
		struct rpc_message m;
		uint64_t const r = test_random(&seed);
		unsigned const to = (unsigned)(r % SERVERS);
		m.tag   = 0;
		m.words = (uint32_t)(r >> 8) % (RPC_WORDS + 1);
		m.caps  = (uint32_t)(r >> 16) % 3;
		for (uint32_t i = 0; i < m.words; i++)
			m.word[i] = r + i;
		for (uint32_t i = 0; i < m.caps; i++)
			m.cap[i] = token[(to + i) % SERVERS].cap;
		uint32_t const words = m.words, caps = m.caps;
		check_ok(rpc_call(server[to].cap, &m, 3));
		check(m.words == words && m.caps == caps + 1, "%u of %u words, %u of "
		      "%u capabilities", m.words, words, m.caps, caps + 1);
		for (uint32_t i = 0; i < words; i++)
			check(m.word[i] == r + i + to, "word %u is another's", i);
		for (uint32_t i = 0; i <= caps; i++) {
			check(m.cap[i] == token[(to + (i < caps ? i : 0)) % SERVERS].cap,
			      "capability %u is another's", i);
			cap_drop(m.cap[i]);
		}
	}
}

static void messages(void)
{
	static struct worker workers[CALLERS];
	open(serve);
	workers_open(workers, CALLERS, 0, talk);
	workers_join(workers, CALLERS);
	for (unsigned i = 0; i < SERVERS; i++)
		check(cap_alive(token[i].cap), "token %u was dropped too often", i);
	close();
}

/** Chains cross CPUs at each link; each server is in one chain at a time */
static void chain(struct worker *worker)
{
	for (unsigned n = 0; n < ROUNDS; n++) {
		struct rpc_message m = { .words = 2 };
		uint64_t const links = n % SERVERS;
		m.word[0] = n * 100000;
		m.word[1] = links;
		check_ok(rpc_call(server[0].cap, &m, 0));
		check(m.word[0] == n * 100000 + links + 1000 * (links + 1),
		      "round %u, %lu links: %lu", n, links, m.word[0]);
	}
}

static void chains(void)
{
	static struct worker workers[CALLERS];
	open(forward);
	workers_open(workers, CALLERS, 0, chain);
	workers_join(workers, CALLERS);
	close();
}

/** Servers die under calls from everywhere: GONE, or the right answer */
static bool volatile stop;

static void insist(struct worker *worker)
{
	uint64_t seed = worker->index + 1;
	while (!stop) {
		struct rpc_message m = { .words = 1 };
		unsigned const to = (unsigned)(test_random(&seed) % SERVERS);
		cap_t const name = *(cap_t volatile *)&server[to].cap;
		m.word[0] = seed;
		if (!name)
			continue;
		enum error const error = rpc_call(name, &m, 1);
		if (error) {
			check_error(error, ERROR_GONE);
			continue;
		}
		check(m.word[0] == seed + to && m.caps == 1, "%lx", m.word[0] - seed);
		cap_drop(m.cap[0]);
		worker->count++;
	}
}

static void dying_servers(void)
{
	static struct worker workers[CALLERS];
	stop = false;
	open(serve);
	workers_open(workers, CALLERS, 32, insist);
	for (unsigned n = 0; n < 24; n++) {
		unsigned const i = n % SERVERS;
		uint64_t const before = workers[n % CALLERS].count;
		test_sleep(n * 40);
		entrypoint_close(ep[i]);
		ep[i] = server_open("server", i, 0);
		token[i] = (struct rpc_object) { .dispatch = never };
		check_ok(rpc_object_open(&token[i], ep[i]));
		server_object(&server[i], ep[i], serve);
		wait_for(*(uint64_t volatile *)&workers[n % CALLERS].count > before,
		         "a caller hangs");
	}
	stop = true;
	workers_join(workers, CALLERS);
	close();
}

static struct test_step const steps[] = {
	{ "messages", messages }, { "chains", chains },
	{ "dying servers", dying_servers },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
