/* SPDX-License-Identifier: MIT */
/*
 * Timer: many clients' time-outs over the one that a kernel signal offers
 *
 * Sessions with a time-out are in a tree by deadline; the kernel wakes the
 * server at the first. A period's next deadline is counted from the former, so
 * that it does not drift; periods that were missed are skipped.
 */

#include <base/component.h>
#include <base/service.h>
#include <rpc/timer.h>
#include <session/timer.h>
#include <util/avl.h>
#include <util/container_of.h>

enum { PERIOD_MIN = 100 };

struct timer {
	struct session_object base;
	struct avl_node       node;      /* in 'pending', while armed */
	uint64_t              deadline;  /* microseconds of clock_us */
	uint64_t              period;    /* 0: once */
	signal_cap_t          signal;    /* kept from the client, 0: none */
};

static struct avl_tree pending;

static struct timer *timer_of(struct avl_node *node)
{
	return container_of(node, struct timer, node);
}

static uint64_t deadline(struct avl_node const *node)
{
	return container_of(node, struct timer const, node)->deadline;
}

static void expire(struct timer *timer, uint64_t now)
{
	avl_remove(&pending, &timer->node);
	error_ignore(signal_submit(timer->signal), "the client closes it");
	if (!timer->period)
		return;
	uint64_t const missed = (now - timer->deadline) / timer->period;
	timer->deadline += (missed + 1) * timer->period;
	avl_insert_by_key(&pending, &timer->node, deadline);
}

static void wake(struct signal_handler *handler, uint64_t count)
{
	uint64_t const now = clock_us();
	struct avl_node *first;
	while ((first = avl_first(&pending)) && deadline(first) <= now)
		expire(timer_of(first), now);
	error_ignore(signal_handler_at(handler, first ? deadline(first) : ~0ul),
	             "own signal");
}

static struct signal_handler wake_handler = { .handle = wake };

static void disarm(struct timer *timer)
{
	avl_remove(&pending, &timer->node);
	cap_drop(timer->signal.cap);
	timer->signal.cap = 0;
}

static enum error arm(struct timer *timer, signal_cap_t signal, uint64_t us,
                      uint64_t period)
{
	uint64_t const now = clock_us();
	disarm(timer);
	cap_keep(signal.cap);
	timer->signal   = signal;
	timer->period   = period;
	timer->deadline = us > ~0ul - now ? ~0ul : now + us;
	avl_insert_by_key(&pending, &timer->node, deadline);
	wake(&wake_handler, 1);
	return ERROR_OK;
}

static struct timer *of(struct rpc_object *object)
{
	return container_of(object, struct timer, base.object);
}

static enum error elapsed_us(struct rpc_object *object, uint64_t *us)
{
	*us = clock_us();
	return ERROR_OK;
}

static enum error once(struct rpc_object *object, signal_cap_t handler,
                       uint64_t us)
{
	return arm(of(object), handler, us, 0);
}

static enum error periodic(struct rpc_object *object, signal_cap_t handler,
                           uint64_t us)
{
	return us < PERIOD_MIN ? ERROR_INVALID : arm(of(object), handler, us, us);
}

static enum error cancel(struct rpc_object *object)
{
	disarm(of(object));
	return ERROR_OK;
}

static struct timer_ops const ops = {
	.elapsed_us = elapsed_us, .once = once, .periodic = periodic,
	.cancel = cancel,
};

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	timer_object_init(&base->object, &ops);
	return ERROR_OK;
}

static void destroy(struct service *service, struct session_object *base)
{
	disarm(container_of(base, struct timer, base));
}

static struct service service = {
	.name = "Timer", .session_size = sizeof(struct timer),
	.create = create, .destroy = destroy,
};

enum error component_construct(struct env *env)
{
	enum error const error = signal_handler_open(&wake_handler, env->ep);
	return error ? error : service_announce(&service, env);
}
