/* SPDX-License-Identifier: MIT */

/* Internal */
#include <kernel/portal.h>


void portal_init(struct portal *portal, struct ec *ec, uint64_t label)
{
	portal->label = label;
	portal->ec    = &ec_none;

	lock_take(&ec_bound_lock);
	if (!ec->object.dead) {
		list_append(&ec->portals, &portal->bound);
		portal->home = ec;
		portal->ec   = ec;
	}
	lock_release(&ec_bound_lock);
}


/** Whoever waits to get into it looks it up again, and finds it dead */
bool portal_stop(struct portal *portal)
{
	lock_take(&ec_bound_lock);
	struct ec *const ec = portal->home;
	if (ec)
		ec_post(ec, EC_EVENT_WAKE);
	list_remove(&portal->bound);
	portal->home = NULL;
	lock_release(&ec_bound_lock);
	return true;
}
