/* SPDX-License-Identifier: MIT */
/** Region maps */

/* public */
#include <rpc/rm.h>
#include <util/align.h>
#include <util/minmax.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "component/backing.h"
#include "component/clone.h"
#include "component/fault.h"
#include "component/pd.h"
#include "component/region_map.h"
#include "session.h"
#include "work.h"

enum { RAISE_STEPS = 256 };

static struct attachment *of_region(struct region *region)
{
	return region ? container_of(region, struct attachment, region) : NULL;
}

static struct attachment *of_ds(struct list_node *node)
{
	return container_of(node, struct attachment, by_ds);
}

void region_map_init(struct region_map *map, struct arena *arena,
                     struct pd *pd, uint64_t base, uint64_t size)
{
	map->arena = arena;
	map->pd    = pd;
	regions_init(&map->regions, base, size, pd != NULL);
}

enum error region_map_open(struct region_map *map)
{
	if (map->object.arena)
		return ERROR_OK;
	return object_open(&map->object, map->arena, rm_dispatch,
	                   &region_map_ops, map);
}

/* -- nesting -- */

/** Search for room above a map that 'inner' is to be attached in */
struct ascent { struct region_map const *inner; unsigned steps; };

/**
 * Whether 'map' and the maps around it may become that high
 *
 * If 'inner' is around it, that would be a cycle. (A map that is high enough
 * already cannot be in 'inner', as that would be higher still.)
 */
static bool raise_allowed(struct ascent *ascent, struct region_map *map,
                          uint32_t height)
{
	if (height > REGION_MAP_HEIGHT || map == ascent->inner
	 || !ascent->steps)
		return false;
	ascent->steps--;
	if (map->height >= height)
		return true;
	list_for_each(&map->ds.attachments, node)
		if (!raise_allowed(ascent, of_ds(node)->map, height + 1))
			return false;
	return true;
}

static void raise(struct region_map *map, uint32_t height)
{
	if (map->height >= height)
		return;
	map->height = height;
	list_for_each(&map->ds.attachments, node)
		raise(of_ds(node)->map, height + 1);
}

static enum error nest(struct region_map *map, struct region_map *inner)
{
	struct ascent ascent = { inner, RAISE_STEPS };
	if (!raise_allowed(&ascent, map, inner->height + 1))
		return ERROR_LIMIT;
	raise(map, inner->height + 1);
	map->nested++;
	return ERROR_OK;
}

static void unnest(struct region_map *map)
{
	if (!--map->nested)
		map->height = 0;
}

/* -- unmapping -- */

/** What may be looked at, and unmapped, at once */
struct bound { unsigned looks, places; };
enum { LOOKS = 128, PLACES = 6, PLACE_STEPS = 4 };

/** Mapped ones are in front, so that they are found */
static void note_mapped(struct attachment *a)
{
	struct dataspace *const ds = a->ds;
	if (a->mapped)
		return;
	a->mapped = true;
	if (!ds)
		return;
	list_remove(&a->by_ds);
	list_prepend(&ds->attachments, &a->by_ds);
	if (ds->base && !ds->shown) {
		ds->shown = true;
		list_remove(&ds->by_base);
		list_prepend(&ds->base->views, &ds->by_base);
	}
}

static void note_unmapped(struct attachment *a)
{
	a->mapped  = false;
	a->cleared = a->awaited = 0;
	if (!a->ds)
		return;
	list_remove(&a->by_ds);
	list_append(&a->ds->attachments, &a->by_ds);
}

static struct attachment *first_mapped(struct dataspace const *ds)
{
	struct list_node *const node = list_first(&ds->attachments);
	return node && of_ds(node)->mapped ? of_ds(node) : NULL;
}

static struct dataspace *of_base(struct list_node *node)
{
	return container_of(node, struct dataspace, by_base);
}

static struct dataspace *first_shown(struct dataspace const *ds)
{
	struct list_node *const node = list_first(&ds->views);
	return node && of_base(node)->shown ? of_base(node) : NULL;
}

/** A small part of an address space; false: it takes more than a few steps */
static bool unmap_place(struct region_map *map, uint64_t base, uint64_t size)
{
	struct pool const *const pool = &map->pd->pool;
	if (!pool->pd)
		return true;
	if (size > LARGE_PAGE || pool_dying(pool))
		return false;
	enum error error = ERROR_AGAIN;
	for (unsigned i = 0; i < PLACE_STEPS && error == ERROR_AGAIN
	     && (!i || work_allowed()); i++) {
		uint64_t const begin = clock_tsc();
		error = kernel_unmap_step(pool->pd, &base, &size);
		work_spend_since(begin);
	}
	return error != ERROR_AGAIN;
}

/** Unmap [offset, + size) of what is attached there, if that is a small thing */
static bool unmap_few(struct list const *attachments, uint64_t offset,
                      uint64_t size, struct bound *bound)
{
	list_for_each(attachments, node) {
		struct attachment *const a = of_ds(node);
		uint64_t const low  = max(offset, a->offset);
		uint64_t const high = min(offset + size,
		                          a->offset + a->region.size);
		uint64_t const base = low - a->offset + a->region.base;
		if (!a->mapped)
			break;
		if (!bound->looks-- || (low < high && !bound->places--))
			return false;
		if (low < high && !(a->map->pd
		     ? unmap_place(a->map, base, high - low)
		     : unmap_few(&a->map->ds.attachments, base, high - low,
		                 bound)))
			return false;
	}
	return true;
}

/** The same through views */
static bool unmap_few_views(struct dataspace *ds, uint64_t offset,
                            uint64_t size, struct bound *bound)
{
	list_for_each(&ds->views, node) {
		if (!of_base(node)->shown)
			break;
		if (!bound->looks-- || !unmap_few(&of_base(node)->attachments,
		                                  offset, size, bound))
			return false;
	}
	return true;
}

/** A region of an address space; false: not all of it yet */
static bool unmap_region(struct attachment *a)
{
	struct pool *const pool = &a->map->pd->pool;
	if (pool_dying(pool))
		return pool_stop(pool);
	while (pool->pd) {
		uint64_t base = a->region.base + a->cleared;
		uint64_t size = a->region.size - a->cleared;
		uint64_t const begin = clock_tsc();
		enum error const error =
			kernel_unmap_step(pool->pd, &base, &size);
		work_spend_since(begin);
		if (error != ERROR_AGAIN)
			return true;
		a->cleared = a->region.size - size;
		if (!work_allowed())
			return false;
	}
	return true;
}

/**
 * Part of a managed dataspace; false: not all of it yet
 *
 * Nothing is mapped through 'a' meanwhile. So if all of the managed dataspace has
 * to be unmapped, that is enough once, whoever went on with it: threads that
 * fault there do, too, and map the rest of it again.
 */
static bool unmap_inside(struct attachment *a)
{
	struct bound bound = { LOOKS, PLACES };
	struct dataspace *const ds = &a->map->ds;
	if (a->awaited && ds->revocations >= a->awaited)
		return true;
	if (!a->awaited && unmap_few(&ds->attachments, a->region.base,
	                             a->region.size, &bound))
		return true;
	a->awaited = ds->revocations + 1;
	return attachments_revoke(ds);
}

static bool unmap_attachment(struct attachment *a)
{
	if (!a->mapped)
		return true;
	if (!(a->map->pd ? unmap_region(a) : unmap_inside(a)))
		return false;
	note_unmapped(a);
	return true;
}

/** Unmap all of it that is seen through attachments of its own */
static bool revoke_own(struct dataspace *ds)
{
	for (struct attachment *a; (a = first_mapped(ds));) {
		if (!work_allowed() || !unmap_attachment(a))
			return false;
		work_spend(WORK_ITEM);
	}
	return true;
}

bool attachments_revoke(struct dataspace *ds)
{
	ds->revoked = true;
	if (!revoke_own(ds))
		return false;
	for (struct dataspace *view; (view = first_shown(ds));) {
		if (!work_allowed() || !revoke_own(view))
			return false;
		view->shown = false;
		list_remove(&view->by_base);
		list_append(&ds->views, &view->by_base);
		work_spend(WORK_ITEM);
	}
	clone_unmapped(ds);
	ds->revoked = false;
	ds->revocations++;
	return true;
}

bool attachments_unmap(struct dataspace *ds, uint64_t offset, uint64_t size)
{
	struct bound bound = { LOOKS, PLACES };
	return (unmap_few(&ds->attachments, offset, size, &bound)
	     && unmap_few_views(ds, offset, size, &bound))
	    || attachments_revoke(ds);
}

/* -- attaching -- */

static enum error place(struct region_map *map, struct attachment *a,
                        uint64_t at, unsigned flags)
{
	if (flags & RM_FIXED) {
		a->region.base = at;
		return regions_insert(&map->regions, &a->region);
	}
	enum error error = ERROR_CONFLICT;
	if (a->region.size >= LARGE_PAGE)
		error = regions_place(&map->regions, &a->region, LARGE_PAGE);
	if (error)
		error = regions_place(&map->regions, &a->region, PAGE_SIZE);
	return error;
}

static enum error attach(struct region_map *map, struct attachment *a,
                         struct dataspace *ds, uint64_t at, unsigned flags)
{
	enum error error = place(map, a, at, flags);
	if (!error && ds->kind == DATASPACE_MANAGED) {
		error = nest(map, ds->map);
		if (error)
			regions_remove(&map->regions, &a->region);
	}
	if (!error)
		list_append(&ds->attachments, &a->by_ds);
	return error;
}

static enum error check(struct dataspace const *ds, uint64_t at,
                        uint64_t offset, uint64_t size, unsigned flags)
{
	unsigned const both = RM_WRITE | RM_EXEC;
	if (flags & ~(both | RM_FIXED) || (flags & both) == both)
		return ERROR_INVALID;
	if (!aligned(offset | size, PAGE_SIZE) || offset >= ds->size
	 || size > ds->size - offset)
		return ERROR_INVALID;
	if (flags & RM_FIXED && !aligned(at, PAGE_SIZE))
		return ERROR_INVALID;
	return flags & RM_WRITE && !ds->writable ? ERROR_DENIED : ERROR_OK;
}

enum error region_map_attach(struct region_map *map, struct dataspace *ds,
                             uint64_t at, uint64_t offset, uint64_t size,
                             unsigned flags, uint64_t *address)
{
	enum error error = check(ds, at, offset, size, flags);
	if (error)
		return error;

	struct attachment *const a = arena_alloc(map->arena, sizeof *a);
	if (!a)
		return ERROR_NO_RAM;
	a->ds     = ds;
	a->map    = map;
	a->offset = offset;
	a->flags  = flags;
	a->region.size = size ? size : ds->size - offset;
	error = attach(map, a, ds, at, flags);
	if (error)
		arena_free(map->arena, a, sizeof *a);
	else
		*address = a->region.base;
	return error;
}

/** The attachment no longer refers to its dataspace */
static void disconnect(struct attachment *a)
{
	if (!a->ds)
		return;
	list_remove(&a->by_ds);
	if (a->ds->kind == DATASPACE_MANAGED)
		unnest(a->map);
	a->ds = NULL;
}

/** False: not all of its private pages are free yet */
static bool detach(struct attachment *a)
{
	struct region_map *const map = a->map;
	a->closing = true;
	if (!unmap_attachment(a))
		return false;
	disconnect(a);
	if (!frame_list_free_some(&a->private, map->arena))
		return false;
	regions_remove(&map->regions, &a->region);
	arena_free(map->arena, a, sizeof *a);
	return true;
}

bool attachments_vanish(struct dataspace *ds, struct arena const *owner)
{
	for (struct list_node *node; (node = list_first(&ds->attachments));) {
		struct attachment *const a = of_ds(node);
		if (!work_allowed())
			return false;
		work_spend(WORK_DETACH);
		if (a->map->arena == owner) {
			if (!detach(a))
				return false;
		} else if (unmap_attachment(a)) {
			disconnect(a);
		} else {
			return false;
		}
	}
	return true;
}

bool region_map_close(struct region_map *map, bool unmap)
{
	object_close(&map->object);
	map->resumed = ~0ul;    /* those as well who came after rm_resume began */
	if (!fault_resume_all(map))
		return false;
	for (struct attachment *a; (a = of_region(regions_any(&map->regions)));) {
		if (!work_allowed())
			return false;
		work_spend(WORK_DETACH);
		a->mapped = a->mapped && unmap;
		if (!detach(a))
			return false;
	}
	return true;
}

/* -- look-up -- */

/** Cut the window to attachment 'a' of the map at 't' */
static void enter(struct translation *t, struct attachment *a)
{
	/* the map's addresses are those of the address space minus delta */
	uint64_t const base = a->region.base + t->delta;
	t->low    = max(t->low, base);
	t->high   = min(t->high, base + a->region.size);
	t->delta  = base - a->offset;
	t->write &= !!(a->flags & RM_WRITE);
	t->exec  &= !!(a->flags & RM_EXEC);
	t->path[t->depth++] = a;
}

/** Not to be mapped at present */
static bool blocked(struct dataspace const *ds)
{
	return ds && (ds->revoked || ds->closing);
}

static struct dataspace *blocked_by(struct attachment const *a)
{
	struct dataspace *const behind = dataspace_behind(a->ds);
	return blocked(a->ds) ? a->ds : blocked(behind) ? behind : NULL;
}

struct translation region_map_translate(struct region_map *map,
                                        uint64_t address)
{
	struct translation t = { .map = map, .address = address, .high = ~0ul,
	                         .write = true, .exec = true };
	while (t.depth <= REGION_MAP_HEIGHT) {
		t.attachment = of_region(
			regions_find(&t.map->regions, t.address));
		if (t.attachment && t.attachment->closing)
			t.attachment = NULL;
		if (!t.attachment)
			return t;
		enter(&t, t.attachment);
		t.blocked = blocked_by(t.attachment);
		t.ds = dataspace_behind(t.attachment->ds);
		if (t.blocked)
			return t;
		if (!t.ds || t.ds->kind != DATASPACE_MANAGED)
			return t;
		t.map     = t.ds->map;
		t.address = address - t.delta;
	}
	t.attachment = NULL;
	return t;
}

void region_map_note(struct translation const *t)
{
	for (unsigned i = 0; i < t->depth; i++)
		note_mapped(t->path[i]);
}

struct region_map *region_map_denying(struct region_map *map, uint64_t address,
                                      unsigned right, uint64_t *inside)
{
	for (;;) {
		struct attachment const *const a =
			of_region(regions_find(&map->regions, address));
		*inside = address;
		if (!a || !a->ds || !(a->flags & right)
		 || a->ds->kind != DATASPACE_MANAGED)
			return map;
		address = address - a->region.base + a->offset;
		map     = a->ds->map;
	}
}

/* -- RPC -- */

/** Own accounts of PDs, donations of sessions */
static enum error map_error(struct region_map const *map, enum error error)
{
	return map->pd ? error : donation_error(error);
}

static enum error rpc_attach(struct rpc_object *self, dataspace_cap_t cap,
                             uint64_t at, uint64_t offset, uint64_t size,
                             uint32_t flags, uint64_t *address)
{
	struct region_map *const map = object_self(self);
	struct dataspace *const ds = dataspace_find(cap);
	if (!ds)
		return cap_alive(cap.cap) ? ERROR_INVALID : ERROR_GONE;
	if (dataspace_ends(ds))
		return ERROR_GONE;
	return map_error(map, region_map_attach(map, ds, at, offset, size,
	                                        flags, address));
}

static enum error rpc_detach(struct rpc_object *self, uint64_t address)
{
	struct region_map *const map = object_self(self);
	struct attachment *const a =
		of_region(regions_find(&map->regions, address));
	if (!a)
		return ERROR_NOT_FOUND;
	if (!detach(a))
		return work_later();
	if (map->pd)
		pd_replenished(map->pd);
	return ERROR_OK;
}

static enum error rpc_dataspace(struct rpc_object *self, dataspace_cap_t *ds)
{
	struct region_map *const map = object_self(self);
	if (map->pd)
		return ERROR_INVALID;
	ds->cap = map->ds.object.rpc.cap;
	return ERROR_OK;
}

static enum error rpc_fault_handler(struct rpc_object *self,
                                    signal_cap_t handler)
{
	struct region_map *const map = object_self(self);
	return map_error(map, signal_keep(map->arena->account, &map->handler,
	                                  handler.cap));
}

static enum error rpc_fault(struct rpc_object *self, uint64_t *address,
                            enum rm_access *access)
{
	return fault_oldest(object_self(self), address, access);
}

static enum error rpc_resume(struct rpc_object *self)
{
	return fault_resume_all(object_self(self)) ? ERROR_OK : work_later();
}

struct rm_ops const region_map_ops = {
	.attach        = rpc_attach,
	.detach        = rpc_detach,
	.dataspace     = rpc_dataspace,
	.fault_handler = rpc_fault_handler,
	.fault         = rpc_fault,
	.resume        = rpc_resume,
};
