/* SPDX-License-Identifier: MIT */
/* Beats, and the service Witness */

/* public */
#include <base/service.h>
#include <rpc/witness.h>

/* local */
#include "beats.h"

struct beats beats;

void beats_add(void)
{
	uint64_t const now = clock_us();
	if (beats.count++ && now - beats.last_us > beats.longest_us)
		beats.longest_us = now - beats.last_us;
	beats.last_us = now;
}

static enum error op_beats(struct rpc_object *object, uint64_t *count,
                           uint64_t *longest_us)
{
	*count      = beats.count;
	*longest_us = beats.longest_us;
	beats.longest_us = 0;
	return ERROR_OK;
}

static struct witness_ops const ops = { .beats = op_beats };

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	witness_object_init(&base->object, &ops);
	return ERROR_OK;
}

static struct service service = {
	.name = "Witness", .session_size = sizeof(struct session_object),
	.create = create,
};

enum error beats_announce(struct env *env)
{
	return service_announce(&service, env);
}
