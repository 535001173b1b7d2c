/* SPDX-License-Identifier: MIT */
/** Memory objects */

/* public */
#include <rpc/dataspace.h>
#include <util/align.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "component/backing.h"
#include "component/clone.h"
#include "component/region_map.h"
#include "work.h"

/* -- RPC -- */

static enum error info(struct rpc_object *self, uint64_t *size, bool *writable)
{
	struct dataspace const *const ds = object_self(self);
	*size     = ds->size;
	*writable = ds->writable;
	return ERROR_OK;
}

static enum error sealed(struct rpc_object *self, bool *result)
{
	struct dataspace *const ds = dataspace_behind(object_self(self));
	if (!ds)
		return ERROR_GONE;
	*result = ds->sealed;
	return ERROR_OK;
}

static struct dataspace_ops const ops = {
	.info   = info,
	.sealed = sealed,
};

/* -- use -- */

/**
 * The origin of clones: what is written has to be copied for them before
 *
 * Large pages would be torn apart by the next write.
 */
static enum error shared_part(struct dataspace *ds,
                              struct dataspace_access const *access,
                              struct dataspace_part *part)
{
	uint64_t const page = align_down(access->offset, PAGE_SIZE);
	struct dataspace_access small = *access;
	small.large = false;
	*part = backing_part(ds, &small);
	part->writable = false;
	if (!access->write)
		return ERROR_OK;
	enum error const error = clones_part_with(ds, page);
	if (error)
		return error;
	*part = (struct dataspace_part) {
		.phys = part->phys + (page - part->start),
		.start = page, .end = page + PAGE_SIZE, .writable = true,
	};
	return ERROR_OK;
}

enum error dataspace_part(struct dataspace *ds,
                          struct dataspace_access const *access,
                          struct dataspace_part *part)
{
	if (ds->clone)
		return clone_part(ds, access, part);
	if (ds->writable && !list_empty(&ds->clones))
		return shared_part(ds, access, part);
	*part = backing_part(ds, access);
	part->writable = ds->writable;
	return ERROR_OK;
}

void *dataspace_memory(struct dataspace *ds)
{
	return kernel_phys(ds->extent.phys);
}

bool dataspace_seal(struct dataspace *ds)
{
	if (ds->sealed && !ds->revoked)
		return true;
	ds->sealed   = true;
	ds->writable = false;
	return attachments_revoke(ds);
}

/* -- life -- */

static enum error open_object(struct dataspace *ds, struct arena *arena,
                              enum dataspace_kind kind)
{
	enum error const error = object_open(&ds->object, arena,
	                                     dataspace_dispatch, &ops, ds);
	if (!error) {
		ds->arena = arena;
		ds->kind  = kind;
	}
	return error;
}

enum error dataspace_open_ram(struct dataspace *ds, struct arena *arena,
                              uint64_t size, bool contiguous,
                              unsigned map_flags)
{
	if (!size || size > DATASPACE_MAX)
		return ERROR_INVALID;
	*ds = (struct dataspace) {
		.size = align_up(size, PAGE_SIZE), .writable = true,
		.contiguous = contiguous, .map_flags = map_flags,
	};
	enum error error = open_object(ds, arena, DATASPACE_RAM);
	if (!error)
		error = backing_open(ds);
	if (error && error != ERROR_AGAIN)
		dataspace_close_all(ds);
	return error;
}

/** What 'ds' was cloned from is mapped nowhere as it was before; false: not yet */
static bool apart(struct dataspace *ds)
{
	struct dataspace *const source = ds->base;
	if (!source)
		return true;            /* it died */
	if (source->revocations < ds->awaited && !attachments_revoke(source))
		return false;
	list_remove(&ds->by_base);
	ds->base = NULL;
	return true;
}

enum error dataspace_complete(struct dataspace *ds)
{
	if (ds->clone)
		return apart(ds) ? ERROR_OK : ERROR_AGAIN;
	return backing_open(ds);
}

enum error dataspace_open_clone(struct dataspace *ds, struct arena *arena,
                                struct dataspace *source)
{
	source = dataspace_behind(source);
	if (!source)
		return ERROR_GONE;
	if (source->kind != DATASPACE_RAM || source->contiguous
	 || source->map_flags)
		return ERROR_INVALID;
	if (source->size > DATASPACE_CLONE_MAX)
		return ERROR_LIMIT;
	*ds = (struct dataspace) {
		.size = source->size, .writable = true,
		.awaited = source->revocations + 1,
	};
	enum error error = open_object(ds, arena, DATASPACE_RAM);
	if (!error)
		error = clone_open(ds, source);
	if (error) {
		dataspace_close_all(ds);
		return error;
	}
	ds->base = source;
	list_append(&source->views, &ds->by_base);
	return dataspace_complete(ds);
}

enum error dataspace_open_view(struct dataspace *ds, struct arena *arena,
                               struct dataspace *base)
{
	base = dataspace_behind(base);
	if (!base)
		return ERROR_GONE;
	if (base->kind == DATASPACE_MANAGED)
		return ERROR_INVALID;
	*ds = (struct dataspace) { .size = base->size };
	enum error const error = open_object(ds, arena, DATASPACE_VIEW);
	if (!error) {
		ds->base = base;
		list_append(&base->views, &ds->by_base);
	}
	return error;
}

enum error dataspace_open_fixed(struct dataspace *ds, struct arena *arena,
                                uint64_t phys, uint64_t size, bool writable,
                                unsigned map_flags)
{
	*ds = (struct dataspace) {
		.size = align_up(size, PAGE_SIZE), .writable = writable,
		.map_flags = map_flags, .extent.phys = phys, .extent_count = 1,
	};
	return open_object(ds, arena, DATASPACE_FIXED);
}

enum error dataspace_open_managed(struct dataspace *ds, struct arena *arena,
                                  struct region_map *map, uint64_t size)
{
	*ds = (struct dataspace) { .size = size, .writable = true, .map = map };
	return open_object(ds, arena, DATASPACE_MANAGED);
}

/** Views of 'ds' show nothing any more */
static bool close_views(struct dataspace *ds)
{
	for (struct list_node *node; (node = list_first(&ds->views));) {
		struct dataspace *const view =
			container_of(node, struct dataspace, by_base);
		if (!work_allowed() || !attachments_vanish(view, ds->arena))
			return false;
		view->base  = NULL;
		view->shown = false;
		list_remove(&view->by_base);
		work_spend(WORK_ITEM);
	}
	return true;
}

/** Frames that clones share become theirs, the others free */
static bool close_frames(struct dataspace *ds)
{
	if (ds->clone)
		return clone_close(ds);
	if (!clones_inherit(ds))
		return false;
	return backing_close(ds);
}

bool dataspace_vanish(struct dataspace *ds)
{
	return attachments_vanish(ds, ds->arena) && close_views(ds);
}

bool dataspace_close(struct dataspace *ds)
{
	if (!ds->arena)
		return true;
	ds->closing = true;
	if (!dataspace_vanish(ds))
		return false;
	if (ds->kind == DATASPACE_RAM && !close_frames(ds))
		return false;
	uint64_t const begin = clock_tsc();
	object_close(&ds->object);
	work_spend_since(begin);
	list_remove(&ds->by_owner);
	list_remove(&ds->by_base);
	ds->arena = NULL;
	return true;
}

void dataspace_close_all(struct dataspace *ds)
{
	while (!dataspace_close(ds))
		work_begin();
}

struct dataspace *dataspace_find(dataspace_cap_t ds)
{
	return object_find(ds.cap, dataspace_dispatch);
}
