/* SPDX-License-Identifier: MIT */
/* Lends its own memory to all clients, until one of them ends it */

/* public */
#include <base/component.h>
#include <base/heap.h>
#include <base/service.h>
#include <rpc/lender.h>

enum { SIZE = 16 * 4096 };

static struct env     *environment;
static dataspace_cap_t memory;

static void end(struct signal_handler *handler, uint64_t count)
{
	component_exit(environment, ERROR_OK);
}

static struct signal_handler end_handler = { .handle = end };

static enum error lend(struct rpc_object *object, dataspace_cap_t *ds)
{
	*ds = memory;
	return ERROR_OK;
}

static enum error end_later(struct rpc_object *object)
{
	return signal_submit(end_handler.cap);
}

static struct lender_ops const ops = { .memory = lend, .end = end_later };

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	lender_object_init(&base->object, &ops);
	return ERROR_OK;
}

static struct service service = {
	.name = "Lender", .session_size = sizeof(struct session_object),
	.create = create,
};

enum error component_construct(struct env *env)
{
	environment = env;
	enum error error = ram_alloc(env, SIZE, &memory);
	if (!error)
		error = signal_handler_open(&end_handler, env->ep);
	return error ? error : service_announce(&service, env);
}
