/* SPDX-License-Identifier: MIT */
/* Server side: a good one, or one of several bad kinds */

#include <base/component.h>
#include <base/hid.h>
#include <base/service.h>
#include <rpc/step.h>
#include <util/container_of.h>
#include <util/string.h>
#include "child.h"

static bool manner(char const *what)
{
	return hid_equals(the_env->config, "manner", what);
}

static enum error op_say(struct rpc_object *object, char const *text)
{
	say("heard %s", text);
	return ERROR_OK;
}

static struct step_ops const ops = { .say = op_say };

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	say("created %s", request->label);
	if (manner("deny"))
		return ERROR_DENIED;
	step_object_init(&base->object, &ops);
	return ERROR_OK;
}

static void destroy(struct service *service, struct session_object *base)
{
	say("closed %s", base->label);
}

static char name[32];
static struct service service = {
	.session_size = sizeof(struct session_object),
	.create = create, .destroy = destroy };

enum error serve(void)
{
	if (!hid_string(the_env->config, "provide", name, sizeof name))
		return ERROR_OK;
	service.name = name;
	return manner("silent") ? ERROR_OK : service_announce(&service, the_env);
}
