/* SPDX-License-Identifier: MIT */
/* A move that waits for a reply; threads while they are listed */

/* public */
#include <util/container_of.h>
#include <util/string.h>

/* local */
#include "migrate.h"

enum { LOW = 16, IDLERS = 50 };         /* more than core bills in one step */

static struct rpc_object front, back;
static bool volatile     inside, go;
static unsigned volatile at;

/** Busy until it may go on, if it is asked to */
static enum error serve_back(struct rpc_object *self, struct rpc_message *m)
{
	at = here();
	if (m->word[0]) {
		inside = true;
		while (!go) { }
	}
	return ERROR_OK;
}

static enum error serve_front(struct rpc_object *self, struct rpc_message *m)
{
	return rpc_call(back.cap, m, 0);
}

static void call_front(struct thread *thread)
{
	uint64_t word = 1;
	(void)server_call(front.cap, &word);
}

static void payer_dies(uint32_t from, uint32_t to)
{
	struct thread payer;
	struct entrypoint *const front_ep = server_open("front", from, 0),
	                  *const back_ep  = server_open("back", from, 0);
	server_object(&front, front_ep, serve_front);
	server_object(&back, back_ep, serve_back);
	thread_cap_t const server = named("back");
	inside = go = false;
	check_ok(thread_open(&payer, test_env, &(struct thread_args) {
		.entry = call_front, .name = "payer", .cpu = from,
		.priority = LOW }));
	wait_for(inside, "the call does not arrive");
	check_ok(thread_move(server, to));
	thread_close(&payer);
	go = true;

	uint64_t word = 0;
	check_ok(server_call(back.cap, &word));
	check(at == apic_id(to), "replied, and still on CPU %u", at);
	cap_drop(server.cap);
	entrypoint_close(front_ep);
	entrypoint_close(back_ep);
}

/** Who has to reply first goes then, also if the first caller died meanwhile */
void moves_after_reply(void)
{
	for (unsigned i = 0; i < test_rounds(40); i++)
		if (test_cpus > 1)
			payer_dies(1 + i % (test_cpus - 1), 0);
}

/* -- lists -- */

static thread_cap_t  idlers[IDLERS];
static struct worker asker;
static bool volatile stop;

static void ask_times(struct worker *w)
{
	for (uint64_t us; !stop; w->count++)
		check_ok(cpu_time(test_env->cpu, &us));
}

static unsigned listed(void)
{
	char name[32];
	thread_cap_t cap;
	unsigned found = 0;
	for (uint32_t id = 0; !cpu_thread(test_env->cpu, id, &id, &cap, name);) {
		cap_drop(cap.cap);
		found += string_equal(name, "idler");
	}
	return found;
}

/** Also while core goes through them for somebody else, in steps */
void lists_all(void)
{
	uint64_t utcb;
	stop = false;
	for (unsigned i = 0; i < IDLERS; i++)
		check_ok(cpu_thread_create(test_env->cpu, test_env->pd, "idler",
			i % test_cpus, LOW, &idlers[i], &utcb));
	workers_open(&asker, 1, 0, ask_times);
	check_ok(thread_move(asker.thread.cap, test_cpus - 1));
	wait_for(asker.count, "the time is not told");
	for (unsigned i = 0; i < test_rounds(100); i++) {
		unsigned const found = listed();
		check(found == IDLERS, "%u of %u are listed", found, IDLERS);
	}
	stop = true;
	workers_join(&asker, 1);
	for (unsigned i = 0; i < IDLERS; i++) {
		check_ok(thread_kill(idlers[i]));
		cap_drop(idlers[i].cap);
	}
}

/* -- dying -- */

static struct cpu_session session;

static void create_and_kill(struct worker *w)
{
	for (; !stop; w->count++) {
		thread_cap_t cap;
		uint64_t utcb;
		check_ok(cpu_thread_create(session.cap, test_env->pd, "dying",
		                           0, LOW, &cap, &utcb));
		check_ok(thread_kill(cap));
		cap_drop(cap.cap);
	}
}

/** A session can be moved while core is about to destroy threads of it */
void moves_dying(void)
{
	struct worker workers[4];
	check_ok(cpu_open(&session, test_env, &(struct session_args) {
		.affinity = { 0, test_cpus }, .ram = 65536 }));
	stop = false;
	workers_open(workers, 4, 0, create_and_kill);
	for (unsigned i = 0; i < test_rounds(2000); i++)
		check_ok(session_move(&session.session,
			(struct affinity) { i % test_cpus, 1 }));
	stop = true;
	workers_join(workers, 4);
	cpu_close(&session);
}
