/* SPDX-License-Identifier: MIT */
/*
 * Witness: does what every component does, in a steady beat, while others
 * misbehave: calls a neighbour, allocates memory, maps it, uses it, frees it
 *
 * A beat that fails is logged and counts no more; whoever asks for the count
 * sees it stand still.
 */

#include <base/component.h>
#include <base/heap.h>
#include <base/service.h>
#include <base/signal.h>
#include <rpc/witness.h>
#include <session/bench.h>

enum { PERIOD_US = 5000, SIZE = 3 * 4096 };

static struct env          *the_env;
static struct bench_session neighbour;
static uint64_t             beats, longest, last;

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
	enum error error = bench_add(neighbour.cap, beats, 1, &sum);
	if (!error && sum != beats + 1)
		error = ERROR_CORRUPT;
	if (!error)
		error = use_memory();
	if (error) {
		log_error("beat %lu: %s", beats, error_text(error));
		return;
	}
	uint64_t const now = clock_us();
	if (beats++ && now - last > longest)
		longest = now - last;
	last  = now;
	error = signal_handler_at(handler, now + PERIOD_US);
	if (error)
		log_error("no next beat: %s", error_text(error));
}

static struct signal_handler timer = { .handle = beat };

static enum error op_beats(struct rpc_object *object, uint64_t *count,
                           uint64_t *longest_us)
{
	*count      = beats;
	*longest_us = longest;
	longest     = 0;
	return ERROR_OK;
}

static struct witness_ops const ops = { .beats = op_beats };

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	witness_object_init(&base->object, &ops);
	return ERROR_OK;
}

static struct service service = {
	.name = "Witness", .session_size = sizeof(struct session_object),
	.create = create,
};

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error error = bench_open(&neighbour, env, NULL);
	if (!error)
		error = signal_handler_open(&timer, env->ep);
	if (!error)
		error = service_announce(&service, env);
	if (!error)
		error = signal_handler_at(&timer, clock_us());
	return error;
}
