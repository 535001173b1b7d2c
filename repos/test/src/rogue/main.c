/* SPDX-License-Identifier: MIT */
/*
 * A server that does not keep to the rules, without the library's help
 *
 *     config | manner: never     fetches requests and answers none
 *                      twice     delivers and responds again and again
 *                      early     delivers, and ends the session at once
 *                      free      frees the buffer that its client uses
 *                      wild      answers for sessions that are not its own
 *                      wrong     delivers capabilities that are no session's
 *                      garbage   replies with counts and values that are none
 *                      mute      never returns from a call
 *                      exits     during a call; "faults": the same
 *                      destroys  its object during a call
 *                      keeps     does not confirm that a session is closed
 *                      lies      about the memory that it hands out (lies.c)
 */

/* public */
#include <base/component.h>
#include <base/entrypoint.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/thread.h>
#include <rpc/step.h>
#include <session/parent.h>

/* local */
#include "lies.h"

static struct env       *the_env;
static struct rpc_object object;
static dataspace_cap_t   buffer;

static bool manner(char const *what)
{
	return hid_equals(the_env->config, "manner", what);
}

/** Nobody submits it */
static void wait_for_nothing(void)
{
	signal_cap_t never;
	if (!thread_signal(the_env, &never))
		signal_wait(never);
}

static void end(void)
{
	if (manner("mute"))
		wait_for_nothing();
	if (manner("exits"))
		component_exit(the_env, ERROR_OK);
	if (manner("faults"))
		__builtin_trap();
	if (manner("destroys"))
		rpc_object_close(&object);
}

static enum error op_say(struct rpc_object *self, char const *text)
{
	ram_free(the_env, buffer);
	buffer.cap = 0;
	end();
	return ERROR_OK;
}

static enum error op_buffer(struct rpc_object *self, dataspace_cap_t *ds)
{
	if (manner("wrong")) {
		ds->cap = the_env->cpu.cap;
		return ERROR_OK;
	}
	if (!manner("free"))
		return ERROR_REFUSED;
	enum error const error = ram_alloc(the_env, 4096, &buffer);
	*ds = buffer;
	return error;
}

static struct step_ops const ops = { .say = op_say, .buffer = op_buffer };

/** Another answer each time, none of which is one */
static enum error garbage(struct rpc_object *self, struct rpc_message *m)
{
	static unsigned n;
	m->words = n & 1 ? RPC_WORDS : 3;
	m->caps  = n & 2 ? RPC_CAPS : 0;
	for (unsigned i = 0; i < RPC_WORDS; i++)
		m->word[i] = ~0ul;
	for (unsigned i = 0; i < RPC_CAPS; i++)
		m->cap[i] = i & 1 ? 0 : object.cap;
	return n++ % 5 == 4 ? (enum error)77777 : ERROR_OK;
}

static struct signal_handler handler;

/** Something else each time, if it is not to be the session */
static cap_t answer(void)
{
	static unsigned n;
	cap_t const caps[] = { handler.cap.cap, the_env->rm.cap,
	                       the_env->cpu.cap, buffer.cap };
	if (!object.ep)
		error_ignore(rpc_object_open(&object, the_env->ep), "0 then");
	return manner("wrong") ? caps[n++ % (sizeof caps / sizeof *caps)]
	                       : object.cap;
}

/** What comes of it is the parent's to decide */
static void deliver(uint32_t id, cap_t session)
{
	error_ignore(parent_deliver(the_env->parent, id,
	                            (object_cap_t) { session }), "rogue");
}

static void respond(uint32_t id, enum error reason)
{
	error_ignore(parent_respond(the_env->parent, id, (uint32_t)reason),
	             "rogue");
}

static void create(uint32_t id, char const *service)
{
	cap_t const lying = lies_session(service);
	if (lying) {
		deliver(id, lying);
		return;
	}
	if (manner("never"))
		return;
	for (uint32_t i = 1; manner("wild") && i < 200; i++)
		if (i != id) {
			deliver(i, answer());
			respond(i, ERROR_GONE);
		}
	deliver(id, answer());
	if (manner("early"))
		respond(id, ERROR_GONE);
	for (unsigned i = 0; manner("twice") && i < 3; i++) {
		deliver(id, answer());
		respond(id, (enum error)(i * 100));
	}
}

static void requests(struct signal_handler *self, uint64_t count)
{
	struct parent_request_info info;
	char service[32], label[128], text[160];
	object_cap_t behind;
	while (!parent_request(the_env->parent, &info, service, label, text,
	                       &behind))
		if (info.kind == PARENT_CREATE)
			create(info.id, service);
		else if (info.kind == PARENT_CLOSE && !manner("never")
		      && !manner("keeps"))
			respond(info.id, ERROR_OK);
}

static struct signal_handler handler = { .handle = requests };

enum error component_construct(struct env *env)
{
	the_env = env;
	step_object_init(&object, &ops);
	if (manner("garbage"))
		object.dispatch = garbage;
	enum error error = rpc_object_open(&object, env->ep);
	if (!error && manner("wrong"))
		error = ram_alloc(env, 4096, &buffer);
	if (!error) error = signal_handler_open(&handler, env->ep);
	if (!error) error = parent_announce(env->parent, "Alpha", handler.cap);
	if (!error && manner("lies"))
		error = lies_open(env, handler.cap);
	return error;
}
