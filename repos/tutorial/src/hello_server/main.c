/* SPDX-License-Identifier: MIT */
/* Server of the tutorial: one RPC; each session lives on its client's budget */

#include <base/component.h>
#include <base/service.h>
#include <rpc/hello.h>
#include <util/container_of.h>
#include <util/format.h>

struct hello { struct session_object base; uint32_t count; };

static enum error greet(struct rpc_object *object, char const *name,
                        char text[64], uint32_t *count)
{
	struct hello *const hello = container_of(object, struct hello, base.object);
	format_text(text, 64, "hello, %s", name);
	*count = ++hello->count;
	return ERROR_OK;
}

static struct hello_ops const ops = { .greet = greet };

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	hello_object_init(&base->object, &ops);
	log_info("new session of \"%s\"", request->label);
	return ERROR_OK;
}

static struct service service = {
	.name = "Hello", .session_size = sizeof(struct hello), .create = create,
};

enum error component_construct(struct env *env)
{
	return service_announce(&service, env);
}
