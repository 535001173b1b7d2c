/* SPDX-License-Identifier: MIT */
/** Objects of core that can be called */

/* public */
#include <util/container_of.h>

/* internal */
#include <base/internal/sys.h>
#include <core/kernel.h>

/* local */
#include "entrypoint.h"
#include "object.h"
#include "pool.h"
#include "work.h"

/* so many receptions of an own name are given back by one system call */
enum { RECEPTIONS = 4096 };

/* steps of destruction: a long one has done much, a short one waits for CPUs */
enum { LONG = 2000, LONG_STEPS = 3, CORPSES = 32 };

static struct avl_tree names;

static uint64_t name_key(struct avl_node const *node)
{
	return container_of_const(node, struct object, by_name)->rpc.cap;
}

/* -- destruction -- */

/* kernel objects that are dead, but that some still hold */
static uint64_t corpses[CORPSES];
static unsigned n_corpses;

/** A step; true: it is done */
static bool decay(uint64_t *corpse)
{
	return kernel_destroy_step(0, corpse) != ERROR_AGAIN;
}

/**
 * Nobody finds it any more: go on for a while, leave the rest for later
 *
 * Only what many domains hold takes long.
 */
static void bury(uint64_t corpse)
{
	for (unsigned steps = 0; steps < LONG_STEPS || n_corpses == CORPSES;) {
		uint64_t const begin = clock_tsc();
		if (decay(&corpse))
			return;
		steps += clock_tsc() - begin > LONG;
	}
	corpses[n_corpses++] = corpse;
}

void object_decay(void)
{
	if (n_corpses && decay(&corpses[n_corpses - 1]))
		n_corpses--;
}

bool object_decay_all(void)
{
	while (n_corpses && work_allowed()) {
		uint64_t const begin = clock_tsc();
		object_decay();
		work_spend_since(begin);
	}
	return !n_corpses;
}

bool object_destroy_some(cap_t name, uint64_t *rest)
{
	for (;;) {
		uint64_t const begin = clock_tsc();
		if (kernel_destroy_step(name, rest) != ERROR_AGAIN)
			return true;
		work_spend_since(begin);
		if (!work_allowed())
			return false;
	}
}

/* -- life -- */

enum error object_open(struct object *object, struct arena *arena,
                       rpc_dispatch_t dispatch, void const *ops, void *self)
{
	enum error error = account_take(arena->account, OBJECT_KERNEL_RAM, 1);
	if (error)
		return error;

	*object = (struct object) { .arena = arena };
	object->rpc.dispatch  = dispatch;
	object->rpc.ops       = ops;
	object->rpc.opaque[0] = (uint64_t)self;
	do error = kernel_portal_create(kernel_core_pd(), kernel_core_thread(),
	                                (uint64_t)object, &object->rpc.cap);
	while (pool_lacks(&core_pool, &error));
	if (error) {
		account_give(arena->account, OBJECT_KERNEL_RAM, 1);
		object->arena = NULL;
		return error;
	}
	avl_insert_by_key(&names, &object->by_name, name_key);
	return ERROR_OK;
}

void object_close(struct object *object)
{
	if (!object->arena)
		return;
	avl_remove(&names, &object->by_name);
	uint64_t corpse = 0;
	if (kernel_destroy_step(object->rpc.cap, &corpse) == ERROR_AGAIN)
		bury(corpse);
	account_give(object->arena->account, OBJECT_KERNEL_RAM, 1);
	object->arena = NULL;
}

static void count_reception(struct object *object)
{
	if (!cap_take(object->rpc.cap) || ++object->receptions < RECEPTIONS)
		return;
	error_ignore(sys_cap_release(object->rpc.cap, RECEPTIONS),
	             "it is ours and alive");
	object->receptions = 0;
}

void *object_find(cap_t name, rpc_dispatch_t dispatch)
{
	struct avl_node *const node = avl_find(&names, name, name_key);
	if (!node)
		return NULL;
	struct object *const object = container_of(node, struct object, by_name);
	count_reception(object);
	return object->rpc.dispatch == dispatch ? object_self(&object->rpc) : NULL;
}
