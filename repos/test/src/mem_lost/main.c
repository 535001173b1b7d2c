/* SPDX-License-Identifier: MIT */
/*
 * Property: when a server ends whose memory a client uses, the client does not
 * fault: it reads zeros and writes pages of its own; the session's signal tells
 * that it is lost, each call that the server is gone; a new session works.
 */

/* public */
#include <base/heap.h>
#include <rpc/lender.h>
#include <session/rm.h>

/* local */
#include "test.h"

enum { PAGE = 4096, SIZE = 16 * PAGE, WORKERS = 4 };

static uint64_t volatile *memory;
static bool volatile      over;

/** Go on with the memory, whatever happens to it */
static void use(struct worker *worker)
{
	uint64_t volatile *const mine = memory + worker->index;
	while (!over)
		for (unsigned i = 0; i < SIZE / 8; i += PAGE / 8) {
			uint64_t const now = mine[i];
			check(now <= worker->count, "%lu after %lu", now,
			      worker->count);
			mine[i] = ++worker->count;
		}
}

static void open(struct lender_session *lender, struct signal_handler *changed,
                 dataspace_cap_t *ds)
{
	void *at;
	check_ok(lender_open(lender, test_env, &(struct session_args) {
		.changed = changed }));
	check_ok(lender_memory(lender->cap, ds));
	check_ok(ram_attach(test_env, *ds, true, &at));
	memory = at;
	for (unsigned i = 0; i < SIZE / 8; i++)
		memory[i] = 0;
}

static void lost(void)
{
	static struct worker workers[WORKERS];
	struct lender_session lender;
	struct signal_handler changed = { 0 };
	dataspace_cap_t ds, none;
	check_ok(thread_signal(test_env, &changed.cap));
	open(&lender, &changed, &ds);
	over = false;
	workers_open(workers, WORKERS, 0, use);
	for (unsigned i = 0; i < WORKERS; i++)
		wait_for(workers[i].count > 32, "thread %u does nothing", i);

	check_ok(lender_end(lender.cap));
	while (session_state(&lender.session) == SESSION_OPEN)
		signal_wait(changed.cap);
	check(session_state(&lender.session) == SESSION_GONE, "not gone");
	check_error(lender_memory(lender.cap, &none), ERROR_GONE);
	uint64_t const count = workers[0].count;
	wait_for(workers[0].count > count + 32, "the user stopped");
	over = true;
	workers_join(workers, WORKERS);
	check(!memory[PAGE / 8 - 1], "not zero behind what was written");
	memory[PAGE / 8 - 1] = 5;
	check(memory[PAGE / 8 - 1] == 5, "not writable");

	ram_detach(test_env, (void *)(uint64_t)memory);
	cap_drop(ds.cap);
	lender_close(&lender);
	thread_signal_close(test_env, &changed.cap);
}

/** The server was started again */
static void reopened(void)
{
	struct lender_session lender;
	dataspace_cap_t ds;
	open(&lender, NULL, &ds);
	ram_detach(test_env, (void *)(uint64_t)memory);
	cap_drop(ds.cap);
	lender_close(&lender);
}

static struct test_step const steps[] = {
	{ "lost", lost }, { "opened again", reopened },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
