/* SPDX-License-Identifier: MIT */
/** Core's one thread */

/* public */
#include <base/log.h>
#include <util/minmax.h>

/* internal */
#include <base/internal/rpc.h>
#include <base/internal/sys.h>
#include <core/kernel.h>

/* local */
#include "entrypoint.h"
#include "component/fault.h"
#include "object.h"
#include "pool.h"
#include "work.h"

cap_t fault_portal;

/** A few capabilities that are to be given back */
struct caps { unsigned count; cap_t cap[RPC_CAPS]; };

/* what the current call brought, and what to drop after its reply */
static struct caps received, dropped;

static void drop_all(struct caps *caps)
{
	while (caps->count)
		cap_drop(caps->cap[--caps->count]);
}

static void add(struct caps *caps, cap_t cap)
{
	if (cap && caps->count < RPC_CAPS)
		caps->cap[caps->count++] = cap;
}

bool cap_take(cap_t cap)
{
	for (unsigned i = 0; i < received.count; i++) {
		if (received.cap[i] == cap) {
			received.cap[i] = received.cap[--received.count];
			return true;
		}
	}
	return false;
}

void cap_keep(cap_t cap)
{
	error_ignore(cap_take(cap) ? ERROR_OK : ERROR_GONE,
	             "it may be kept already");
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
	add(&dropped, cap);
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
	work_begin();
	for (unsigned i = 0; i < min(m->caps, (uint32_t)RPC_CAPS); i++)
		add(&received, m->cap[i]);
	struct rpc_request request = { m->tag, m->words, m->caps };
	m->tag = object->rpc.dispatch(&object->rpc, m);
	if (work_ticket) {
		request = (struct rpc_request) { RPC_GO_ON, 1, 0 };
		m->word[0] = work_ticket;
	}
	if (work_waits && m->tag == ERROR_AGAIN)
		rpc_go_on(m, &request);  /* too long: the client asks itself */
	drop_all(&received);
	object_decay();
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
		if (error && reply == SYS_REPLY_PARK && error == ERROR_INVALID) {
			reply = SYS_REPLY_NONE;  /* the thread died meanwhile */
			continue;
		}
		if (error) {
			repair(&m, error);
			continue;
		}
		drop_all(&dropped);
		reply = answer(&m, &event);
	}
}
