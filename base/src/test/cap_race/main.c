/* SPDX-License-Identifier: MIT */
/*
 * Property: receiving, dropping and destroying the same capabilities on all CPUs
 * at once has one outcome each: a call is answered or GONE, a capability arrives
 * alive or as null, a name that somebody holds never dies by another's drop, and
 * nothing is left over.
 */

#include "test.h"

enum { CALLERS = 8, ROUNDS = 400, CHURN = 150 };

static struct entrypoint *ep, *owner_ep;
static struct rpc_object  echo, owner;
static struct worker      workers[CALLERS];

static enum error serve_echo(struct rpc_object *object, struct rpc_message *m)
{
	return ERROR_OK;
}

/* -- receptions against drops -- */

static void receive_and_drop(struct worker *worker)
{
	struct rpc_message m;
	for (unsigned i = 0; i < test_rounds(ROUNDS); i++) {
		m.tag   = 0;
		m.words = 0;
		m.caps  = 1;
		m.cap[0] = test_env->pd.cap;
		check_ok(rpc_call(echo.cap, &m, 1));
		check(m.caps == 1 && m.cap[0] == test_env->pd.cap, "%u: %lx",
		      m.caps, m.cap[0]);
		cap_drop(m.cap[0]);
	}
}

static void release(void)
{
	ep = server_open("echo", test_cpus - 1, 0);
	server_object(&echo, ep, serve_echo);
	workers_open(workers, CALLERS, 0, receive_and_drop);
	workers_join(workers, CALLERS);
	check(cap_alive(test_env->pd.cap), "dropped more often than received");
	/* exactly one reception is left: ours */
	entrypoint_close(ep);
	dataspace_cap_t ds;
	check_ok(pd_ram_alloc(test_env->pd, 4096, 0, &ds));
	check_ok(pd_ram_free(test_env->pd, ds));
	cap_drop(ds.cap);
}

/* -- objects that die while they are called and travel -- */

static struct rpc_object victim;
static cap_t volatile    victim_cap;
static uint64_t volatile  calls_ok, calls_gone, travelled, arrived_null;
static bool volatile      stop;

static enum error serve_victim(struct rpc_object *object, struct rpc_message *m)
{
	m->words = 1;
	m->word[0] = object == &victim ? 0x600d : 0xbad;
	m->caps = 0;
	return ERROR_OK;
}

/** Runs in the victims' entrypoint, as closing demands */
static enum error serve_owner(struct rpc_object *object, struct rpc_message *m)
{
	m->words = m->caps = 0;
	rpc_object_close(&victim);
	victim = (struct rpc_object) { .dispatch = serve_victim };
	check_ok(rpc_object_open(&victim, owner_ep));
	victim_cap = victim.cap;
	return ERROR_OK;
}

static void call_victim(struct worker *worker)
{
	while (!stop) {
		uint64_t word = 0;
		enum error const error = server_call(victim_cap, &word);
		if (error) {
			check_error(error, ERROR_GONE);
			__atomic_fetch_add(&calls_gone, 1, __ATOMIC_RELAXED);
		} else {
			check(word == 0x600d, "somebody else answered: %lx", word);
			__atomic_fetch_add(&calls_ok, 1, __ATOMIC_RELAXED);
		}
	}
}

static void send_victim(struct worker *worker)
{
	struct rpc_message m;
	while (!stop) {
		cap_t const name = victim_cap;
		m.tag   = 0;
		m.words = 0;
		m.caps  = 1;
		m.cap[0] = name;
		enum error const error = rpc_call(echo.cap, &m, 1);
		if (error) { /* dead when it was to be sent, or to be sent back */
			check_error(error, ERROR_INVALID);
			continue;
		}
		check(m.caps == 1 && (m.cap[0] == name || !m.cap[0]), "%u: %lx",
		      m.caps, m.cap[0]);
		if (!m.cap[0])
			__atomic_fetch_add(&arrived_null, 1, __ATOMIC_RELAXED);
		cap_drop(m.cap[0]);
		__atomic_fetch_add(&travelled, 1, __ATOMIC_RELAXED);
	}
}

static void either(struct worker *worker)
{
	if (worker->index / test_cpus % 2)
		send_victim(worker);
	else
		call_victim(worker);
}

static void destruction(void)
{
	stop = false;
	calls_ok = calls_gone = travelled = 0;
	ep       = server_open("echo", test_cpus - 1, 0);
	owner_ep = server_open("owner", 1, 0);
	server_object(&echo, ep, serve_echo);
	server_object(&owner, owner_ep, serve_owner);
	server_object(&victim, owner_ep, serve_victim);
	victim_cap = victim.cap;
	/* less urgent than this thread, which interrupts them anywhere */
	workers_open(workers, CALLERS, 32, either);
	for (unsigned i = 0; i < test_rounds(CHURN); i++) {
		uint64_t word = 0;
		check_ok(server_call(owner.cap, &word));
		test_sleep(100 + i * 7 % 400);
	}
	wait_for(calls_ok && travelled, "no call came through");
	stop = true;
	workers_join(workers, CALLERS);
	log_info("%lu calls answered, %lu gone, %lu travelled, %lu died on the way",
	         calls_ok, calls_gone, travelled, arrived_null);
	entrypoint_close(ep);
	entrypoint_close(owner_ep);
}

/* -- threads that die while their call is on its way -- */

static void call_echo(struct worker *worker)
{
	struct rpc_message m;
	for (;;) {
		m.tag   = 0;
		m.words = 6;
		m.caps  = 2;
		m.cap[0] = test_env->cpu.cap;
		m.cap[1] = echo.cap;
		check_ok(rpc_call(echo.cap, &m, 2));
		cap_drop(m.cap[0]);
		cap_drop(m.cap[1]);
		worker->count++;
	}
}

static void dying_callers(void)
{
	ep = server_open("echo", 0, 0);
	server_object(&echo, ep, serve_echo);
	for (unsigned i = 0; i < test_rounds(12); i++) {
		workers_open(workers, CALLERS, 0, call_echo);
		test_sleep(i * 150);
		workers_close(workers, CALLERS);
	}
	uint64_t word = 5;
	check_ok(server_call(echo.cap, &word));
	check(word == 5 && cap_alive(test_env->cpu.cap), "the server lost its way");
	entrypoint_close(ep);
}

static struct test_step const steps[] = {
	{ "release", release }, { "destruction", destruction },
	{ "dying callers", dying_callers },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
