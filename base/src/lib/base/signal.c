/* SPDX-License-Identifier: MIT */
/* Signals and their handlers */

/* public */
#include <base/signal.h>
#include <base/thread.h>
#include <session/pd.h>

/* internal */
#include <base/internal/base_state.h>
#include <base/internal/entrypoint.h>
#include <base/internal/resource.h>
#include <base/internal/sys.h>
#include <base/internal/thread_self.h>

static struct list_node *node_of(struct signal_handler *handler)
{
	return (struct list_node *)handler->opaque;
}

enum error signal_handler_open(struct signal_handler *handler,
                               struct entrypoint *ep)
{
	if (handler->ep)
		return ERROR_CONFLICT;
	enum error error;
	do error = pd_signal_create(ep->env->pd, ep->thread, (uint64_t)handler,
	                            &handler->cap);
	while (resource_granted(ep->env, error, 4096, 1));
	if (error)
		return error;
	*node_of(handler) = (struct list_node) { 0 };
	mutex_lock(&ep->mutex);
	list_append(&ep->handlers, node_of(handler));
	mutex_unlock(&ep->mutex);
	handler->ep = ep;
	return ERROR_OK;
}

static void destroy(struct env *env, signal_cap_t *signal)
{
	object_cap_t const object = { signal->cap };
	if (!signal->cap)
		return;
	error_ignore(pd_object_destroy(env->pd, object), "it is gone then");
	cap_drop(signal->cap);
	signal->cap = 0;
}

void signal_handler_close(struct signal_handler *handler)
{
	struct entrypoint *const ep = handler->ep;
	if (!ep)
		return;
	mutex_lock(&ep->mutex);
	list_remove(node_of(handler));
	mutex_unlock(&ep->mutex);
	destroy(ep->env, &handler->cap);
	handler->ep = NULL;
}

/** Its thread may have been ended with the mutex locked, and a list half linked */
void signal_handlers_close(struct entrypoint *ep)
{
	list_for_each_safe(&ep->handlers, node) {
		struct signal_handler *const handler =
			container_of((uint64_t *)node, struct signal_handler,
			             opaque[0]);
		destroy(ep->env, &handler->cap);
		*node_of(handler) = (struct list_node) { 0 };
		handler->ep = NULL;
	}
}

enum error signal_handler_at(struct signal_handler *handler, uint64_t us)
{
	/* 128 bits, or it wraps after some hours of a 4 GHz clock */
	unsigned __int128 const tsc =
		(unsigned __int128)us * base_state.tsc_hz / 1000000;
	return sys_signal_timeout(handler->cap.cap,
	                          tsc > ~0ul ? ~0ul : (uint64_t)tsc);
}

enum error signal_submit(signal_cap_t signal)
{
	return sys_signal_submit(signal.cap);
}

uint64_t signal_wait(signal_cap_t signal)
{
	uint64_t count = 0;
	return sys_signal_wait(signal.cap, &count) ? 0 : count;
}

enum error thread_signal(struct env *env, signal_cap_t *signal)
{
	return pd_signal_create(env->pd, thread_self()->thread, 0, signal);
}

void thread_signal_close(struct env *env, signal_cap_t *signal)
{
	destroy(env, signal);
}
