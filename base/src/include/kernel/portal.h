/* SPDX-License-Identifier: MIT */
/**
 * Portal: what one calls; leads to a thread, which gets the label
 */
#pragma once

/* Internal */
#include <kernel/ec.h>

struct portal {
	struct kobject     object;
	struct ec *volatile ec;    /* ec_none once portal or thread are dead */
	uint64_t           label;
	struct ec         *home;   /* thread, NULL: dead. Lock: ec_bound_lock */
	struct list_node   bound;  /* in home->portals; same lock */
};

void portal_init(struct portal *, struct ec *, uint64_t label);
bool portal_stop(struct portal *);
