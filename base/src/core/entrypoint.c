/* SPDX-License-Identifier: MIT */
/** Core's one thread */

/* public */
#include <base/log.h>
#include <util/minmax.h>

/* internal */
#include <base/internal/sys.h>
#include <core/kernel.h>

/* local */
#include "entrypoint.h"
#include "component/fault.h"
#include "object.h"
#include "pool.h"

cap_t fault_portal;

/* capabilities that the current call brought, and what to drop after it */
static cap_t received[RPC_CAPS], dropped[RPC_CAPS];

static void drop_all(cap_t caps[RPC_CAPS])
{
	for (unsigned i = 0; i < RPC_CAPS; i++) {
		cap_drop(caps[i]);
		caps[i] = 0;
	}
}

void cap_keep(cap_t cap)
{
	for (unsigned i = 0; i < RPC_CAPS; i++) {
		if (cap && received[i] == cap) {
			received[i] = 0;
			return;
		}
	}
}

void cap_drop(cap_t cap)
{
	if (cap)
		error_ignore(sys_cap_release(cap, 1), "it may have died");
}

bool cap_alive(cap_t cap)
{
	return sys_cap_probe(cap) == ERROR_OK;
}

void cap_drop_after_reply(cap_t cap)
{
	for (unsigned i = 0; i < RPC_CAPS; i++) {
		if (!dropped[i]) {
			dropped[i] = cap;
			return;
		}
	}
}

enum error entrypoint_open(void)
{
	enum error error;
	do error = kernel_portal_create(kernel_core_pd(), kernel_core_thread(),
	                                FAULT_LABEL, &fault_portal);
	while (pool_lacks(&core_pool, &error));
	return error;
}

/** Run the operation; the message becomes the reply */
static void serve(struct rpc_message *m, uint64_t label)
{
	struct object *const object = (void *)label;
	for (unsigned i = 0; i < min(m->caps, (uint32_t)RPC_CAPS); i++)
		received[i] = m->cap[i];
	m->tag = object->rpc.dispatch(&object->rpc, m);
	drop_all(received);
}

static enum sys_reply answer(struct rpc_message *m, struct sys_event const *event)
{
	if (event->count)
		return SYS_REPLY_NONE;
	if (event->label & FAULT_LABEL) {
		struct thread *const thread = (void *)(event->label & ~1ul);
		return fault_handle(thread, m);
	}
	serve(m, event->label);
	return SYS_REPLY;
}

/** What to send instead of a reply that could not be sent */
static void repair(struct rpc_message *m, enum error error)
{
	if (pool_lacks(&core_pool, &error))
		return;
	m->tag   = error;
	m->words = 0;
	m->caps  = 0;
}

void entrypoint_run(void)
{
	static struct rpc_message m;
	struct sys_event event;
	enum sys_reply reply = SYS_REPLY_NONE;
	for (;;) {
		enum error const error =
			sys_reply_wait(&m, reply, RPC_CAPS, &event);
		if (error) {
			repair(&m, error);
			continue;
		}
		drop_all(dropped);
		reply = answer(&m, &event);
	}
}
