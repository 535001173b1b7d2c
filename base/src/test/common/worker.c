/* SPDX-License-Identifier: MIT */
/* Threads and servers of a test */

/* public */
#include <util/container_of.h>

/* local */
#include "test.h"

static void enter(struct thread *thread)
{
	struct worker *const worker = container_of(thread, struct worker, thread);
	worker->run(worker);
}

void workers_open(struct worker *workers, unsigned count, uint32_t priority,
                  void (*run)(struct worker *))
{
	for (unsigned i = 0; i < count; i++) {
		workers[i] = (struct worker) { .run = run, .index = i };
		check_ok(thread_open(&workers[i].thread, test_env,
			&(struct thread_args) { .entry = enter, .name = "worker",
				.cpu = i % test_cpus, .priority = priority }));
	}
}

void workers_join(struct worker *workers, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		thread_join(&workers[i].thread);
	workers_close(workers, count);
}

void workers_close(struct worker *workers, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		thread_close(&workers[i].thread);
}

struct entrypoint *server_open(char const *name, uint32_t cpu, uint32_t priority)
{
	enum error error;
	struct entrypoint *const ep = entrypoint_open(test_env,
		&(struct entrypoint_args) { .name = name, .cpu = cpu % test_cpus,
			.priority = priority }, &error);
	check_ok(error);
	return ep;
}

void server_object(struct rpc_object *object, struct entrypoint *ep,
                   rpc_dispatch_t dispatch)
{
	*object = (struct rpc_object) { .dispatch = dispatch };
	check_ok(rpc_object_open(object, ep));
}

enum error server_call(cap_t object, uint64_t *word)
{
	struct rpc_message m;
	m.tag   = 0;
	m.words = 1;
	m.caps  = 0;
	m.word[0] = *word;
	enum error const error = rpc_call(object, &m, 0);
	if (!error && m.words)
		*word = m.word[0];
	return error;
}
