/* SPDX-License-Identifier: MIT */
/**
 * Objects of core that can be called
 *
 * The label of an object's portal is its address. A capability that a client
 * passes is recognised by its name: there is one name per object and domain, so
 * what core created has the same name when it comes back.
 */
#pragma once

#include <base/rpc.h>
#include <util/avl.h>
#include "memory/arena.h"

/** RAM that each object costs in core's own kernel pool: portal and names */
enum { OBJECT_KERNEL_RAM = 256 };

struct object {
	struct rpc_object rpc;       /* first: its address is the label */
	struct avl_node   by_name;
	struct arena     *arena;     /* pays; NULL: closed */
	uint64_t          receptions;  /* of its name, not yet given back */
};

/**
 * Make 'object' callable; 'arena' pays one capability and OBJECT_KERNEL_RAM
 *
 * 'self' is what the operations act on (object_self). NO_RAM, NO_CAPS.
 */
enum error object_open(struct object *object, struct arena *arena,
                       rpc_dispatch_t dispatch, void const *ops,
                       void *self) MUST_USE;

/** Nobody can call it any more. Idempotent */
void object_close(struct object *object);

/** Destroy what core holds by 'name'; *rest is 0 at first. False: not all yet */
bool object_destroy_some(cap_t name, uint64_t *rest) MUST_USE;

/** A step of what closing objects left to do */
void object_decay(void);

/** All such steps, so that no name or object counts that is gone; false: not yet */
bool object_decay_all(void) MUST_USE;

/** What stands behind a capability of interface 'dispatch'; NULL: not ours */
void *object_find(cap_t name, rpc_dispatch_t dispatch);

static inline void *object_self(struct rpc_object const *rpc)
{
	return (void *)rpc->opaque[0];
}
