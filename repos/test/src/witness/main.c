/* SPDX-License-Identifier: MIT */
/*
 * Witness: does what every component does, in a steady beat, while others
 * misbehave: calls a neighbour, allocates memory, maps it, uses it, frees it
 *
 * A beat that fails is logged and counts no more; whoever asks for the count
 * sees it stand still.
 */

/* public */
#include <base/component.h>
#include <base/heap.h>
#include <base/signal.h>
#include <session/bench.h>

/* local */
#include "beats.h"

enum { PERIOD_US = 5000, SIZE = 3 * 4096 };

static struct env          *the_env;
static struct bench_session neighbour;

static enum error use_memory(void)
{
	dataspace_cap_t ds;
	void *at = NULL;
	enum error error = ram_alloc(the_env, SIZE, &ds);
	if (error)
		return error;
	error = ram_attach(the_env, ds, true, &at);
	if (!error) {
		uint64_t volatile *const words = at;
		for (unsigned i = 0; i < SIZE / 8 && !error; i += 64) {
			if (words[i])
				error = ERROR_CORRUPT;
			words[i] = ~0ul;
		}
		ram_detach(the_env, at);
	}
	ram_free(the_env, ds);
	return error;
}

static void beat(struct signal_handler *handler, uint64_t count)
{
	uint64_t sum = 0;
	enum error error = bench_add(neighbour.cap, beats.count, 1, &sum);
	if (!error && sum != beats.count + 1)
		error = ERROR_CORRUPT;
	if (!error)
		error = use_memory();
	if (error) {
		log_error("beat %lu: %s", beats.count, error_text(error));
		return;
	}
	beats_add();
	error = signal_handler_at(handler, beats.last_us + PERIOD_US);
	if (error)
		log_error("no next beat: %s", error_text(error));
}

static struct signal_handler timer = { .handle = beat };

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error error = bench_open(&neighbour, env, NULL);
	if (!error)
		error = signal_handler_open(&timer, env->ep);
	if (!error)
		error = beats_announce(env);
	if (!error)
		error = signal_handler_at(&timer, clock_us());
	return error;
}
