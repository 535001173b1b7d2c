/* SPDX-License-Identifier: MIT */
/* Threads on all CPUs, each of which calls all servers; timers beside it */

/* public */
#include <base/signal.h>
#include <base/thread.h>
#include <session/cpu.h>
#include <util/container_of.h>
#include <util/minmax.h>

/* local */
#include "hostile.h"

enum { WORKERS = 6, TARGETS = 16, ROUNDS = 60, TIMERS = 30 };

struct worker {
	struct thread thread;
	unsigned      number;
	uint64_t      answers;
	bool          done;        /* atomic */
};

static struct worker  workers[WORKERS];
static struct session sessions[TARGETS], timers[TIMERS];
static signal_cap_t   finished;

static void work(struct thread *thread)
{
	struct worker *const self = container_of(thread, struct worker, thread);
	for (unsigned n = 0; n < ROUNDS * n_targets; n++) {
		unsigned const t = (n + self->number) % n_targets;
		if (targets[t].call(sessions[t].cap, n) != ERROR_GONE)
			self->answers++;
	}
	__atomic_store_n(&self->done, true, __ATOMIC_RELEASE);
	error_ignore(signal_submit(finished), "own signal");
}

static bool all_done(void)
{
	for (unsigned i = 0; i < WORKERS; i++)
		if (!__atomic_load_n(&workers[i].done, __ATOMIC_ACQUIRE))
			return false;
	return true;
}

/** One after the other, at the shortest period that there is */
static enum error start_timers(struct env *env)
{
	struct target const *const timer = &targets[0];
	enum error error = ERROR_OK;
	for (unsigned i = 0; i < TIMERS && !error; i++) {
		error = target_open(timer, env, &timers[i]);
		if (!error)
			error = timer->listen(timers[i].cap, finished);
	}
	return error;
}

static enum error start_workers(struct env *env)
{
	uint32_t cpus = 1;
	enum error error = cpu_count(env->cpu, &cpus);
	for (unsigned i = 0; i < WORKERS && !error; i++) {
		workers[i].number = i;
		error = thread_open(&workers[i].thread, env,
			&(struct thread_args) { .entry = work, .name = "storm",
			                        .cpu = i % cpus });
	}
	return error;
}

enum error storms(struct env *env)
{
	enum error error = n_targets > TARGETS ? ERROR_LIMIT
	                                       : thread_signal(env, &finished);
	for (unsigned t = 0; t < n_targets && !error; t++) {
		error = target_open(&targets[t], env, &sessions[t]);
		if (error == ERROR_CONFLICT)    /* one at a time has it */
			error = ERROR_OK;
	}
	if (!error) error = start_timers(env);
	if (!error) error = start_workers(env);
	while (!error && !all_done())
		signal_wait(finished);
	for (unsigned i = 0; i < WORKERS && !error; i++)
		if (workers[i].answers < ROUNDS * n_targets)
			error = expect("answers", ERROR_GONE, ERROR_OK);
	return error;
}
