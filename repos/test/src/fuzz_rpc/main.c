/* SPDX-License-Identifier: MIT */
/*
 * Fuzzer of interfaces: a client that calls core, its parent and servers with
 * nearly valid messages, made from the tables of tool/rpc
 *
 * It works on domains, threads, region maps and sessions that it creates, and
 * calls with what the calls return: capabilities by their type and by what was
 * there when they were made, scalars by their name. What was seldom reached is
 * called more often. 'own: yes' adds its own domain, which seldom goes well for
 * long. 'services: yes' opens a session of each service that any session header
 * in the tree declares, and goes on until each of their operations was reached.
 *
 *   config | seed: 1 | calls: 3000 | own: no | services: no | withhold: no
 *   + session ROM | label: x           another session, of any service
 *
 * 'calls' counts calls that reached an operation. 'withhold': nobody else gets the
 * own parent, and could exit in our name; so it is with 'services'.
 */

/* public */
#include <base/component.h>
#include <base/hid.h>
#include <util/string.h>

/* local */
#include "fuzz.h"

enum {
	PATIENCE  = 20,     /* calls for one that reaches an operation */
	LIFE      = 2000,   /* calls until all is given back */
	SHORTAGES = 400,    /* answers by then that means are used up */
	SPARED    = 32,
};

struct random chance;

static struct env *the_env;
static struct call call;
static unsigned    age, shortages;
static bool        content;    /* there is nothing left to be wanted */

static bool short_of(enum error error)
{
	return error == ERROR_NO_RAM || error == ERROR_NO_CAPS
	    || error == ERROR_DONATE_RAM || error == ERROR_DONATE_CAPS;
}

/** What would end it, or the machine, is called in a way that cannot be meant */
static void blunt(void)
{
	if (call.operation && call.operation->deadly)
		call.message.words = 2 + random_below(&chance, RPC_WORDS - 1);
}

static void renew(void)
{
	sessions_renew();
	age = shortages = 0;
	content = false;
}

static void gone(struct kind *kind, struct object *object)
{
	if (cap_alive(object->cap))
		return;
	if (object->kept)
		renew();
	else
		object_forget(kind, object);
}

/** 'object' is of the operation's kind */
static void make_call(struct operation *operation, struct object *object)
{
	struct kind *const kind = operation->kind;
	message_encode(&call, operation, object);
	if (random_once(&chance, 8)) {
		message_distort(&call.message);
		call.operation = operation_of(kind, call.message.tag);
	}
	blunt();
	call.first = call.message.word[0];
	enum error const error = rpc_call(object->cap, &call.message, RPC_CAPS);
	if (call.operation) {
		result_note(call.operation, error);
		if (!error)
			message_decode(&call);
	}
	shortages += short_of(error);
	if (error == ERROR_GONE)
		gone(kind, object);
	if (++age >= LIFE || shortages >= SHORTAGES)
		renew();
}

/* -- what to call -- */

/** An object of that kind is there, or can be made by a call or two */
static bool available(struct kind const *kind, unsigned depth)
{
	if (kind->members)
		return true;
	for (unsigned i = 0; depth && i < kind->producers; i++)
		if (available(kind->producer[i]->kind, depth - 1))
			return true;
	return false;
}

/** Of some, the one that was reached least */
static struct operation *operation_any(void)
{
	struct operation *best = NULL;
	for (unsigned n = 1 + random_below(&chance, 3); n; n--) {
		struct operation *const o =
			&operations[random_below(&chance, n_operations)];
		if (o->spared && !random_once(&chance, SPARED))
			continue;
		if (available(o->kind, 2)
		    && (!best || o->reached < best->reached))
			best = o;
	}
	return best;
}

static bool wanted(struct operation const *o)
{
	return !o->reached && !o->deadly && available(o->kind, 2);
}

/** One that was never reached, if there are any */
static struct operation *operation_wanted(void)
{
	uint32_t const first = random_below(&chance, n_operations);
	for (unsigned i = 0; i < n_operations && !content; i++) {
		struct operation *const o =
			&operations[(first + i) % n_operations];
		if (wanted(o))
			return o;
	}
	content = true;
	return NULL;
}

/** What brings an object that is missing: of 'kind', or to make such a one */
static struct operation *operation_towards(struct kind const *kind)
{
	for (unsigned i = 0; i < 4 && kind->producers; i++) {
		struct operation *const o =
			kind->producer[random_below(&chance, kind->producers)];
		if (o->kind->members)
			return o;
		kind = o->kind;
	}
	return NULL;
}

static void call_towards(struct operation *operation)
{
	if (operation && !operation->kind->members)
		operation = operation_towards(operation->kind);
	struct object *const o = operation ? object_of(operation->kind) : NULL;
	if (o)
		make_call(operation, o);
}

/** First what makes an argument, as often as not */
static void call_wanted(struct operation *operation)
{
	for (unsigned i = 0; i < operation->rpc->count; i++) {
		struct kind const *const kind = operation->maker[i].kind;
		if (kind && !operation->rpc->arguments[i].out
		    && random_once(&chance, 2))
			call_towards(operation_towards(kind));
	}
	call_towards(operation);
}

static void call_any(void)
{
	struct operation *const wanted = random_once(&chance, 2)
		? operation_wanted() : NULL;
	if (wanted)
		call_wanted(wanted);
	else
		call_towards(operation_any());
}

enum error component_construct(struct env *env)
{
	uint64_t const seed     = hid_uint(env->config, "seed", 1);
	uint64_t const calls    = hid_uint(env->config, "calls", 3000);
	bool     const own      = hid_bool(env->config, "own", false);
	bool     const services = hid_bool(env->config, "services", false);
	the_env = env;
	random_seed(&chance, seed);
	log_info("seed %lu, %lu calls", seed, calls);
	table_open();
	sessions_open(env, own, services);
	for (uint64_t i = 0; i < PATIENCE * calls; i++) {
		if (results_reached() >= calls
		    && !(services && operation_wanted()))
			break;
		call_any();
	}
	results_print(services);
	log_info("began %u times", sessions_renewals() + 1);
	component_exit(the_env, ERROR_OK);
	return ERROR_OK;
}
