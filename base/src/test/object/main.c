/* SPDX-License-Identifier: MIT */
/*
 * Property: objects are served by their entrypoint alone, one call at a time,
 * with all that was sent and nothing else; a closed object is GONE at once and
 * for ever; entrypoints come and go with objects in them and callers at them.
 */

#include "test.h"

enum { OBJECTS = 40, CALLERS = 8 };

static struct entrypoint *ep;
static struct rpc_object  objects[OBJECTS], control;
static unsigned volatile  inside, served;

static enum error add(struct rpc_object *object, struct rpc_message *m)
{
	check(!inside, "two calls at a time");
	inside = 1;
	served++;
	thread_yield();
	uint64_t sum = (uint64_t)(object - objects);
	for (uint32_t i = 0; i < m->words; i++)
		sum += m->word[i];
	m->word[0] = sum;
	m->words = 1;
	inside = 0;
	return m->tag ? ERROR_NOT_FOUND : ERROR_OK;
}

static enum error close_objects(struct rpc_object *object, struct rpc_message *m)
{
	for (uint64_t i = m->word[0]; i < OBJECTS; i += m->word[1])
		rpc_object_close(&objects[i]);
	m->words = 0;
	return ERROR_OK;
}

static void open(uint32_t cpu)
{
	inside = 0; /* the former entrypoint may have been ended inside */
	ep = server_open("server", cpu, 0);
	server_object(&control, ep, close_objects);
	for (unsigned i = 0; i < OBJECTS; i++)
		server_object(&objects[i], ep, add);
}

static enum error close_every(uint64_t first, uint64_t step)
{
	struct rpc_message m = { .words = 2, .word = { first, step } };
	return rpc_call(control.cap, &m, 0);
}

/** Each number of words, in and out of the right object */
static void messages(void)
{
	open(1);
	struct rpc_message m;
	for (uint32_t words = 1; words <= RPC_WORDS; words++) {
		unsigned const i = words % OBJECTS;
		uint64_t sum = i;
		m.tag   = 0;
		m.words = words;
		m.caps  = 0;
		for (uint32_t k = 0; k < words; k++)
			sum += m.word[k] = (uint64_t)words << 40 | k;
		check_ok(rpc_call(objects[i].cap, &m, 0));
		check(m.words == 1 && m.word[0] == sum, "%u words: %u, %lx", words,
		      m.words, m.word[0]);
	}
	m.words = RPC_WORDS + 1;
	check_error(rpc_call(objects[0].cap, &m, 0), ERROR_INVALID);
	m.words = 0;
	m.tag = 1;
	check_error(rpc_call(objects[0].cap, &m, 0), ERROR_NOT_FOUND);
	entrypoint_close(ep);
}

static void lifetime(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		uint64_t word = 0;
		open(cpu);
		check_error(rpc_object_open(&objects[0], ep), ERROR_CONFLICT);
		cap_t names[OBJECTS];
		for (unsigned i = 0; i < OBJECTS; i++)
			names[i] = objects[i].cap;
		check_ok(close_every(1, 2));
		for (unsigned i = 0; i < OBJECTS; i++)
			check_error(server_call(names[i], &word),
			            i % 2 ? ERROR_GONE : ERROR_OK);
		check_ok(close_every(0, 1)); /* some for the second time */
		for (unsigned i = 0; i < OBJECTS; i++) {
			check_error(server_call(names[i], &word), ERROR_GONE);
			check(!objects[i].ep && !objects[i].cap, "not closed");
			server_object(&objects[i], ep, add);
			check(objects[i].cap != names[i], "the old name");
			check_ok(server_call(objects[i].cap, &word));
			check_error(server_call(names[i], &word), ERROR_GONE);
		}
		for (unsigned i = 0; i < OBJECTS; i++)
			names[i] = objects[i].cap;
		entrypoint_close(ep); /* with all objects in it */
		for (unsigned i = 0; i < OBJECTS; i++)
			check_error(server_call(names[i], &word), ERROR_GONE);
	}
	entrypoint_close(NULL);
}

/* -- many callers, one of whom takes the objects away -- */

static bool volatile stop;
static uint64_t volatile ok, gone;

static void call_any(struct worker *worker)
{
	uint64_t seed = worker->index + 1;
	while (!stop) {
		uint64_t const i = test_random(&seed) % OBJECTS;
		uint64_t word = seed >> 8;
		uint64_t const sum = word + i;
		cap_t const name = *(cap_t volatile *)&objects[i].cap;
		enum error const error = name ? server_call(name, &word) : ERROR_GONE;
		if (!error)
			check(word == sum, "%lx instead of %lx", word, sum);
		else
			check_error(error, ERROR_GONE);
		__atomic_fetch_add(error ? &gone : &ok, 1, __ATOMIC_RELAXED);
	}
}

static void callers(void)
{
	static struct worker workers[CALLERS];
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		ok = gone = 0;
		stop = false;
		open(cpu);
		workers_open(workers, CALLERS, 32, call_any);
		for (unsigned i = 0; i < test_rounds(20); i++) {
			uint64_t const before = ok;
			wait_for(ok > before + 20, "callers stand still");
			if (i < 10)
				check_ok(close_every(i, 20));
		}
		check_ok(close_every(0, 3));
		entrypoint_close(ep);
		uint64_t const before = gone;
		wait_for(gone > before + CALLERS, "a call of nobody hangs");
		stop = true;
		workers_join(workers, CALLERS);
		check(ok && gone && served, "nothing was tested");
	}
}

static void many_entrypoints(void)
{
	for (unsigned i = 0; i < test_rounds(60); i++) {
		struct entrypoint *const e = server_open("short-lived", i, i % 128);
		struct rpc_object object;
		struct rpc_message m = { .words = 0 };
		object = (struct rpc_object) { .dispatch = close_objects };
		check_ok(rpc_object_open(&object, e));
		m.words = 2;
		m.word[0] = OBJECTS;
		m.word[1] = 1;
		check_ok(rpc_call(object.cap, &m, 0));
		cap_t const name = object.cap;
		entrypoint_close(e);
		m.words = m.caps = 0;
		check_error(rpc_call(name, &m, 0), ERROR_GONE);
		check_error(rpc_call(object.cap, &m, 0), ERROR_INVALID); /* null */
	}
}

static struct test_step const steps[] = {
	{ "messages", messages }, { "lifetime", lifetime }, { "callers", callers },
	{ "many entrypoints", many_entrypoints },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
