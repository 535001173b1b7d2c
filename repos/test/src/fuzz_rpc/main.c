/* SPDX-License-Identifier: MIT */
/*
 * Fuzzer of interfaces: a client that calls core, its parent and servers with
 * nearly valid messages, made from the tables of tool/rpc
 *
 * It works on domains, threads, region maps and sessions that it creates, and
 * calls with what the calls return. 'own: yes' adds its own domain, which seldom
 * goes well for long. 'services: yes' opens a session of each service that any
 * session header in the tree declares, and reaches each of their operations
 * first.
 *
 *   config | seed: 1 | calls: 3000 | own: no | services: no
 *   + session ROM | label: x           another session, of any service
 *
 * 'calls' counts calls that reached an operation.
 */

/* public */
#include <base/component.h>
#include <base/hid.h>
#include <util/string.h>

/* local */
#include "fuzz.h"

/* attempts for an operation to be reached; calls for one that reaches any */
enum { ATTEMPTS = 1000, RENEW = 100, PATIENCE = 20 };

struct random chance;

static struct env        *the_env;
static struct rpc_message message;

static void take_results(struct rpc_operation const *operation)
{
	unsigned n = 0;
	if (string_equal(operation->name, "parent_session"))
		objects_note_session((uint32_t)message.word[0]);
	for (unsigned i = 0; i < operation->count; i++) {
		struct rpc_argument const *const a = &operation->arguments[i];
		if (!a->out || a->kind != RPC_CAPABILITY || n >= message.caps)
			continue;
		cap_t const cap = message.cap[n++];
		if (cap)
			object_add(cap, a->type, false);
	}
}

/** What would only slow the fuzzing down is seldom called */
static bool spared(struct rpc_operation const *operation)
{
	return (string_equal(operation->name, "log_write")
	        || string_equal(operation->name, "parent_close"))
	       && !random_once(&chance, 32);
}

/** Whether a message, perhaps by its damage, means the end of this component */
static bool exits(struct rpc_interface const *interface)
{
	for (unsigned i = 0; i < interface->count; i++)
		if (interface->operations[i].opcode == message.tag)
			return string_equal(interface->operations[i].name,
			                    "parent_exit");
	return false;
}

static bool stops(struct rpc_interface const *interface)
{
	return string_equal(interface->name, "system");
}

/** What would end it, or the machine, is called in a way that cannot be meant */
static void blunt(struct rpc_interface const *interface)
{
	if (stops(interface) || exits(interface))
		message.words = 2 + random_below(&chance, RPC_WORDS - 1);
}

static void call(struct object *o, unsigned i, bool distort)
{
	struct rpc_interface const *const interface = o->interface;
	struct rpc_operation const *const operation = &interface->operations[i];
	message_encode(&message, operation);
	if (distort)
		message_distort(&message);
	blunt(interface);
	enum error const error = rpc_call(o->cap, &message, RPC_CAPS);
	results_note(interface, i, error);
	if (!error)
		take_results(operation);
	if (error == ERROR_GONE && !cap_alive(o->cap)) {
		if (o->kept)
			objects_renew();
		else
			object_forget(o);
	}
}

static void call_any(void)
{
	struct object *const o = object_any();
	uint32_t const i = random_below(&chance, o->interface->count);
	if (!spared(&o->interface->operations[i]))
		call(o, i, random_once(&chance, 8));
}

/** Call an operation of 'o', often one that makes something, if there is one */
static void prepare(struct object *o)
{
	uint32_t const first = random_below(&chance, o->interface->count);
	if (random_once(&chance, 2)) {
		call(o, first, false);
		return;
	}
	for (unsigned n = 0; n < o->interface->count; n++) {
		unsigned const i = (first + n) % o->interface->count;
		struct rpc_operation const *const op = &o->interface->operations[i];
		for (unsigned k = 0; k < op->count; k++)
			if (op->arguments[k].out
			 && op->arguments[k].kind == RPC_CAPABILITY) {
				call(o, i, false);
				return;
			}
	}
}

/** Each operation, whatever its turn would be */
static void reach(struct rpc_interface const *interface, unsigned i)
{
	char const *const name = interface->operations[i].name;
	if (stops(interface) || string_equal(name, "parent_exit"))
		return;
	for (unsigned n = 0; n < ATTEMPTS; n++) {
		struct object *o = object_of(interface);
		if (results_reached(interface, i))
			return;
		if (n % RENEW == RENEW - 1)
			objects_renew();    /* what there is may be used up */
		if (o && random_once(&chance, 2))
			prepare(o);
		else if (!o)
			call_any();         /* it may bring one */
		if ((o = object_of(interface)))
			call(o, i, false);
	}
}

static void reach_all(void)
{
	for (unsigned i = 0; i < n_rpc_interfaces; i++)
		for (unsigned k = 0; k < rpc_interfaces[i].count; k++)
			reach(&rpc_interfaces[i], k);
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
	objects_open(env, own, services);
	if (services)
		reach_all();
	/* the sum takes a while: now and then will do */
	for (uint64_t i = 0; i < PATIENCE * calls; i++) {
		if (i % 256 == 0 && results_reached_all() >= calls)
			break;
		call_any();
	}
	results_print(services);
	log_info("began %u times", objects_renewals() + 1);
	component_exit(the_env, ERROR_OK);
	return ERROR_OK;
}
