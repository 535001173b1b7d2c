/* SPDX-License-Identifier: MIT */
/** RM service: managed dataspaces; "rm | size: 1M" */

/* public */
#include <rpc/rm.h>
#include <util/align.h>

/* internal */
#include <base/internal/start.h>

/* local */
#include "component/region_map.h"
#include "session.h"
#include "service/services.h"

struct rm {
	struct core_session session;
	struct region_map   map;
};

static uint64_t const default_size = 1 << 20;

static enum error create(struct core_session *session,
                         struct session_request const *request)
{
	struct rm *const rm = container_of(session, struct rm, session);
	uint64_t const size = hid_uint(request->args, "size", default_size);
	if (!size || !aligned(size, PAGE_SIZE)
	 || size > LAYOUT_ATTACH_END - LAYOUT_ATTACH_BASE)
		return ERROR_INVALID;
	region_map_init(&rm->map, &session->arena, NULL, 0, size);
	session->object.rpc.opaque[0] = (uint64_t)&rm->map;
	return dataspace_open_managed(&rm->map.ds, &session->arena, &rm->map,
	                              size);
}

static bool destroy(struct core_session *session)
{
	struct rm *const rm = container_of(session, struct rm, session);
	if (!rm->map.arena)
		return true;
	if (!dataspace_close(&rm->map.ds) || !region_map_close(&rm->map, true))
		return false;
	signal_keep_none(&session->account, &rm->map.handler);
	return true;
}

struct core_service const rm_service = {
	.name     = "RM",
	.size     = sizeof(struct rm),
	.dispatch = rm_dispatch,
	.ops      = &region_map_ops,
	.create   = create,
	.destroy  = destroy,
};
