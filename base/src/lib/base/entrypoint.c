/* SPDX-License-Identifier: MIT */
/*
 * Entrypoint: the loop that serves calls and signals of one thread
 *
 * A label is the address of the object or handler it belongs to. That is safe,
 * since the kernel delivers no label of an object that was destroyed, and
 * objects are closed by the thread that serves them.
 */

/* public */
#include <base/entrypoint.h>
#include <base/heap.h>
#include <base/log.h>
#include <session/pd.h>

/* internal */
#include <base/internal/base_state.h>
#include <base/internal/resource.h>
#include <base/internal/sys.h>
#include <base/internal/thread_self.h>
#include <base/internal/trace.h>
#include <util/container_of.h>

static void dispatch(struct rpc_object *object, struct rpc_message *m)
{
	m->tag = trace_wanted(TRACE_POLICY_DISPATCH)
	       ? traced_dispatch(object, m) : object->dispatch(object, m);
}

/** Received capabilities are dropped afterwards, unless the operation kept them */
static void dispatch_with_caps(struct rpc_object *object, struct rpc_message *m)
{
	struct thread_self *const self = thread_self();
	self->n_received = m->caps;
	self->kept       = 0;
	for (uint32_t i = 0; i < m->caps; i++)
		self->received[i] = m->cap[i];

	dispatch(object, m);

	for (uint32_t i = 0; i < self->n_received; i++)
		if (!(self->kept & 1u << i))
			cap_drop(self->received[i]);
	self->n_received = 0;
}

static void call(struct entrypoint *ep, struct rpc_object *object)
{
	struct rpc_message *const m = &ep->message;
	if (m->caps)
		dispatch_with_caps(object, m);
	else
		dispatch(object, m);
}

static void refuse(struct rpc_message *m, enum error error)
{
	m->tag   = error;
	m->words = m->caps = 0;
}

/** Reply, then wait, whatever it takes to be ready for the next event */
static void reply_wait(struct entrypoint *ep, enum sys_reply reply,
                       struct sys_event *event)
{
	struct rpc_message *const m = &ep->message;
	unsigned window = RPC_CAPS;
	for (;;) {
		enum error const error = sys_reply_wait(m, reply, window, event);
		switch (error) {
		case ERROR_OK:
			return;
		case ERROR_KERNEL_RAM:
			/* without means to receive, serve what needs none */
			if (base_refill() != ERROR_OK)
				window = 0;
			break;
		default:
			refuse(m, error);
		}
	}
}

void entrypoint_serve(struct entrypoint *ep)
{
	enum sys_reply reply = SYS_REPLY_NONE;
	for (;;) {
		struct sys_event event;
		reply_wait(ep, reply, &event);
		reply = SYS_REPLY_NONE;
		if (!event.count) {
			call(ep, (struct rpc_object *)event.label);
			reply = SYS_REPLY;
		} else if (event.label == ATTENTION_LABEL) {
			resource_attention(ep->env);
		} else if (event.label) {
			struct signal_handler *const handler =
				(struct signal_handler *)event.label;
			if (trace_wanted(TRACE_POLICY_SIGNAL))
				traced_signal(handler, event.count);
			handler->handle(handler, event.count);
		}
	}
}

/* -- RPC objects -- */

static struct avl_node *node_of(struct rpc_object *object)
{
	return (struct avl_node *)object->opaque;
}

static uint64_t key(struct avl_node const *node)
{
	return container_of((uint64_t const *)node, struct rpc_object const,
	                    opaque[0])->cap;
}

enum error rpc_object_open(struct rpc_object *object, struct entrypoint *ep)
{
	object_cap_t cap;
	if (object->ep)
		return ERROR_CONFLICT;
	enum error error;
	do error = pd_portal_create(ep->env->pd, ep->thread, (uint64_t)object,
	                            &cap);
	while (resource_granted(ep->env, error, 4096, 1));
	if (error)
		return error;
	object->cap = cap.cap;
	object->ep  = ep;
	*node_of(object) = (struct avl_node) { 0 };
	avl_insert_by_key(&ep->objects, node_of(object), key);
	return ERROR_OK;
}

void rpc_object_close(struct rpc_object *object)
{
	struct entrypoint *const ep = object->ep;
	if (!ep)
		return;
	avl_remove(&ep->objects, node_of(object));
	object_cap_t const cap = { object->cap };
	error_ignore(pd_object_destroy(ep->env->pd, cap), "it is gone then");
	cap_drop(object->cap);
	object->ep  = NULL;
	object->cap = 0;
}

struct rpc_object *rpc_object_find(struct entrypoint *ep, cap_t cap,
                                   void const *ops)
{
	struct avl_node *const node = avl_find(&ep->objects, cap, key);
	if (!node)
		return NULL;
	struct rpc_object *const object =
		container_of((uint64_t *)node, struct rpc_object, opaque[0]);
	return object->ops == ops ? object : NULL;
}

/* -- further entrypoints -- */

static void run(struct thread *thread)
{
	struct entrypoint *const ep = container_of(thread, struct entrypoint, own);
	ep->thread = thread_self()->thread;
	entrypoint_serve(ep);
}

struct entrypoint *entrypoint_open(struct env *env,
                                   struct entrypoint_args const *args,
                                   enum error *error)
{
	struct entrypoint *const ep = heap_alloc(env->heap, sizeof *ep);
	if (!ep) {
		*error = ERROR_NO_RAM;
		return NULL;
	}
	ep->env = env;
	*error = thread_open(&ep->own, env, &(struct thread_args) {
		.entry = run, .name = args->name, .stack = args->stack,
		.cpu = args->cpu, .priority = args->priority });
	if (*error) {
		heap_free(env->heap, ep, sizeof *ep);
		return NULL;
	}
	ep->thread = ep->own.cap;
	return ep;
}

void entrypoint_close(struct entrypoint *ep)
{
	if (!ep)
		return;
	thread_close(&ep->own);
	while (ep->objects.root)
		rpc_object_close(container_of((uint64_t *)ep->objects.root,
		                              struct rpc_object, opaque[0]));
	signal_handlers_close(ep);
	heap_free(ep->env->heap, ep, sizeof *ep);
}
