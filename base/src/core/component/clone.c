/* SPDX-License-Identifier: MIT */
/** Clones of RAM: pages are shared until somebody writes */

/* public */
#include <util/align.h>
#include <util/minmax.h>
#include <util/string.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "component/backing.h"
#include "component/clone.h"
#include "component/region_map.h"
#include "work.h"

/** A page of a clone: what it refers to, and who else does */
struct page_ref {
	uint64_t         phys;           /* 0: the page of the origin, or zeros */
	struct page_ref *next, *prev;    /* ring of those with the same frame */
};

enum {
	LEAF       = PAGE_SIZE / sizeof(struct page_ref),
	CLONES_MAX = 256,
};

/** A frame of references; clones of clones have the same ones at first */
struct leaf {
	struct page_ref ref[LEAF];
	uint64_t        sharers;
};
_Static_assert(sizeof(struct leaf) <= PAGE_SIZE, "a frame");

struct clone {
	uint64_t         *leafs;         /* frames; 0 where nothing differs yet */
	uint64_t          leafs_phys;    /* if it has frames of its own */
	uint64_t          leaf_count;
	struct dataspace *ds, *origin;   /* origin NULL: it died */
	struct list_node  by_origin;
	uint64_t          closed;        /* pages that are given up */
	uint64_t          wanted;        /* page to be its own, + 1; 0: none */
};

static struct clone *of_origin(struct list_node *node)
{
	return container_of(node, struct clone, by_origin);
}

/* -- frames, which the clones paid for when they were made -- */

static void *take_frame(uint64_t *phys)
{
	return ranges_alloc(&physical, PAGE_SIZE, PAGE_SIZE, phys)
	     ? kernel_phys(*phys) : NULL;
}

static void give_frame(uint64_t phys)
{
	ranges_add(&physical, phys, PAGE_SIZE);
}

/* -- references -- */

/** NULL: there is none */
static struct leaf *leaf_of(struct clone const *clone, uint64_t page)
{
	uint64_t const phys = clone->leafs[page / LEAF];
	return phys ? kernel_phys(phys) : NULL;
}

/** Reference of a page; NULL: it has none */
static struct page_ref *find(struct clone const *clone, uint64_t page)
{
	struct leaf *const leaf = leaf_of(clone, page);
	return leaf && leaf->ref[page % LEAF].phys ? &leaf->ref[page % LEAF]
	                                           : NULL;
}

/** Refer to a frame, together with 'ring' (NULL: alone) */
static void refer(struct page_ref *ref, uint64_t phys, struct page_ref *ring)
{
	ref->phys = phys;
	ref->next = ring ? ring->next : ref;
	ref->prev = ring ? ring : ref;
	ref->next->prev = ref;
	ref->prev->next = ref;
}

/** Leave the ring; the last one frees the frame */
static void drop(struct page_ref *ref)
{
	if (ref->next == ref)
		give_frame(ref->phys);
	ref->next->prev = ref->prev;
	ref->prev->next = ref->next;
	*ref = (struct page_ref) { .phys = 0 };
}

static struct leaf *new_leaf(uint64_t *phys)
{
	struct leaf *const leaf = take_frame(phys);
	if (leaf)
		*leaf = (struct leaf) { .sharers = 1 };
	return leaf;
}

/** The leaf of a page, perhaps shared; NULL: no RAM */
static struct leaf *any_leaf(struct clone *clone, uint64_t page)
{
	struct leaf *const leaf = leaf_of(clone, page);
	return leaf ? leaf : new_leaf(&clone->leafs[page / LEAF]);
}

/** The same, of this clone alone: references join the rings of shared ones */
static struct leaf *own_leaf(struct clone *clone, uint64_t page)
{
	struct leaf *const shared = any_leaf(clone, page);
	if (!shared || shared->sharers == 1)
		return shared;
	uint64_t phys;
	struct leaf *const leaf = new_leaf(&phys);
	if (!leaf)
		return NULL;
	for (unsigned i = 0; i < LEAF; i++)
		if (shared->ref[i].phys)
			refer(&leaf->ref[i], shared->ref[i].phys,
			      &shared->ref[i]);
	work_spend(WORK_LEAF);
	shared->sharers--;
	clone->leafs[page / LEAF] = phys;
	return leaf;
}

/** Whether nobody else has the frame that a page refers to */
static bool exclusive(struct clone const *clone, uint64_t page)
{
	struct leaf const *const leaf = leaf_of(clone, page);
	struct page_ref const *const ref = &leaf->ref[page % LEAF];
	return leaf->sharers == 1 && ref->next == ref;
}

/* -- pages -- */

/** Whether a page without reference is the origin's */
static bool at_origin(struct clone const *clone, uint64_t offset)
{
	return clone->origin && offset >= clone->origin->given_up;
}

/**
 * Nobody sees the page; false: not yet
 *
 * Then whoever ends it, by 'clone_unmapped', makes it the clone's own before
 * anything is mapped again: however many map, each write comes to its end.
 */
static bool unmap_page(struct clone *clone, uint64_t offset)
{
	if (attachments_unmap(clone->ds, offset, PAGE_SIZE))
		return true;
	if (!clone->wanted)
		clone->wanted = offset / PAGE_SIZE + 1;
	return false;
}

/** A page of its own: a copy of what 'from' (NULL: zeros) is */
static enum error own_page(struct clone *clone, uint64_t offset,
                           void const *from)
{
	uint64_t const page = offset / PAGE_SIZE;
	if (!unmap_page(clone, offset))
		return ERROR_AGAIN;
	struct leaf *const leaf = own_leaf(clone, page);
	uint64_t phys;
	void *const frame = leaf ? take_frame(&phys) : NULL;
	if (!frame)
		return ERROR_NO_RAM;
	struct page_ref *const ref = &leaf->ref[page % LEAF];
	if (from)
		memcpy(frame, from, PAGE_SIZE);
	else
		memset(frame, 0, PAGE_SIZE);
	if (ref->phys)
		drop(ref);
	refer(ref, phys, NULL);
	return ERROR_OK;
}

static struct dataspace_part origin_part(struct clone *clone,
                                         struct dataspace_access const *access)
{
	struct dataspace_access read = *access;
	read.large = false;
	struct dataspace_part part = backing_part(clone->origin, &read);

	/* as far as the neighbours are the origin's, too */
	uint64_t const page = align_down(access->offset, PAGE_SIZE);
	uint64_t low = page, high = page + PAGE_SIZE;
	while (low > part.start && !find(clone, low / PAGE_SIZE - 1)
	       && at_origin(clone, low - PAGE_SIZE))
		low -= PAGE_SIZE;
	while (high < part.end && !find(clone, high / PAGE_SIZE))
		high += PAGE_SIZE;
	return (struct dataspace_part) {
		.phys  = part.phys + (low - part.start),
		.start = low, .end = high,
	};
}

enum error clone_part(struct dataspace *ds,
                      struct dataspace_access const *access,
                      struct dataspace_part *part)
{
	struct clone *const clone = ds->clone;
	uint64_t const page = align_down(access->offset, PAGE_SIZE);
	struct page_ref const *ref = find(clone, page / PAGE_SIZE);
	enum error error = ERROR_OK;
	if (!ref && at_origin(clone, page)) {
		*part = origin_part(clone, access);
		if (!access->write)
			return ERROR_OK;
		error = own_page(clone, page, kernel_phys(
			part->phys + (page - part->start)));
	} else if (!ref) {
		error = own_page(clone, page, NULL);
	} else if (access->write && !exclusive(clone, page / PAGE_SIZE)) {
		error = own_page(clone, page, kernel_phys(ref->phys));
	}
	if (error)
		return error;
	ref = find(clone, page / PAGE_SIZE);
	*part = (struct dataspace_part) {
		.phys = ref->phys, .start = page, .end = page + PAGE_SIZE,
		.writable = ds->writable && exclusive(clone, page / PAGE_SIZE),
	};
	return ERROR_OK;
}

void clone_unmapped(struct dataspace *ds)
{
	struct clone *const clone = ds->clone;
	if (!clone || !clone->wanted)
		return;
	struct dataspace_part part;
	struct dataspace_access const access = {
		.offset = (clone->wanted - 1) * PAGE_SIZE,
		.high = ds->size, .write = true,
	};
	clone->wanted = 0;
	error_ignore(clone_part(ds, &access, &part), "then the next access tells");
}

/* -- the origin -- */

/**
 * Let the clones whose page is the origin's refer to 'phys'; *any: whether one does
 *
 * Of those with the same leaf, each wants the same. With 'unmap', each is unmapped
 * before, and gets a leaf of its own, which tells that it was. AGAIN: not all of
 * them yet.
 */
static enum error share(struct dataspace *origin, uint64_t offset,
                        uint64_t phys, bool unmap, bool *any)
{
	uint64_t const page = offset / PAGE_SIZE;
	struct page_ref *ring = NULL;
	enum error error = ERROR_OK;
	list_for_each(&origin->clones, node) {
		struct clone *const clone = of_origin(node);
		struct page_ref const *const old = find(clone, page);
		if (old && old->phys != phys)
			continue;
		if (unmap && (!work_allowed() || !unmap_page(clone, offset))) {
			error = ERROR_AGAIN;
			break;
		}
		struct leaf *const leaf = unmap ? own_leaf(clone, page)
		                                : any_leaf(clone, page);
		if (!leaf) {
			error = ERROR_NO_RAM;
			break;
		}
		struct page_ref *const ref = &leaf->ref[page % LEAF];
		if (!ref->phys)
			refer(ref, phys, ring);
		ring = ref;
		work_spend(WORK_ITEM);
	}
	*any = ring;
	return error;
}

/**
 * Whether a clone's page is the origin's
 *
 * NO_RAM: no place to say otherwise. AGAIN: not all of them have it yet.
 */
static enum error shared(struct dataspace *origin, uint64_t offset, bool *result)
{
	uint64_t const page = offset / PAGE_SIZE;
	*result = false;
	list_for_each(&origin->clones, node) {
		struct clone *const clone = of_origin(node);
		if (!work_allowed())
			return ERROR_AGAIN;
		if (!leaf_of(clone, page))
			work_spend(WORK_FRAMES);
		struct leaf const *const leaf = any_leaf(clone, page);
		if (!leaf)
			return ERROR_NO_RAM;
		*result |= !leaf->ref[page % LEAF].phys;
	}
	return ERROR_OK;
}

enum error clones_part_with(struct dataspace *origin, uint64_t offset)
{
	bool needed, wiped;
	enum error error = shared(origin, offset, &needed);
	if (error || !needed)
		return error;
	uint64_t phys;
	void *const copy = take_frame(&phys);
	if (!copy)
		return ERROR_NO_RAM;
	memcpy(copy, kernel_phys(backing_frame(origin, offset, &wiped)),
	       PAGE_SIZE);
	/* if there are many, some at a time share a copy: they paid for one each */
	bool used;
	error = share(origin, offset, phys, true, &used);
	if (!used)
		give_frame(phys);
	return error;
}

bool clones_inherit(struct dataspace *origin)
{
	uint64_t offset = origin->given_up;
	for (; offset < origin->size && !list_empty(&origin->clones);
	     offset += PAGE_SIZE) {
		if (!work_allowed())
			return false;
		work_spend(WORK_FRAMES);
		bool wiped, needed, kept = false;
		uint64_t const phys = backing_frame(origin, offset, &wiped);
		if (wiped && shared(origin, offset, &needed) == ERROR_AGAIN)
			return false;
		if (wiped)
			error_ignore(share(origin, offset, phys, false, &kept),
			             "nothing is to be unmapped");
		backing_give_up(origin, offset + PAGE_SIZE, !kept);
	}
	for (struct list_node *node; (node = list_take_first(&origin->clones));)
		of_origin(node)->origin = NULL;
	origin->clone_count = 0;
	return true;
}

/* -- life -- */

static uint64_t leaf_bytes(struct clone const *clone)
{
	return clone->leaf_count * sizeof *clone->leafs;
}

static enum error open_leafs(struct clone *clone, struct arena *arena)
{
	uint64_t const size = leaf_bytes(clone);
	if (size <= ARENA_MAX / 2) {
		clone->leafs = arena_alloc(arena, size);
	} else {
		if (frames_alloc(arena->account, align_up(size, PAGE_SIZE),
		                 &clone->leafs_phys))
			return ERROR_NO_RAM;
		clone->leafs = memset(kernel_phys(clone->leafs_phys), 0, size);
	}
	return clone->leafs ? ERROR_OK : ERROR_NO_RAM;
}

static void close_leafs(struct clone *clone, struct arena *arena)
{
	uint64_t const size = leaf_bytes(clone);
	if (clone->leafs_phys)
		frames_free(arena->account, clone->leafs_phys,
		            align_up(size, PAGE_SIZE));
	else
		arena_free(arena, clone->leafs, size);
}

/** All pages and references that it may ever need */
static uint64_t charge(struct clone const *clone)
{
	return clone->ds->size + clone->leaf_count * PAGE_SIZE;
}

/** Refer to what another clone refers to */
static void join(struct clone *clone, struct clone const *source)
{
	for (uint64_t i = 0; i < source->leaf_count; i++) {
		struct leaf *const leaf = leaf_of(source, i * LEAF);
		clone->leafs[i] = source->leafs[i];
		if (leaf)
			leaf->sharers++;
	}
}

static void follow(struct clone *clone, struct dataspace *origin)
{
	clone->origin = origin;
	if (!origin)
		return;
	list_append(&origin->clones, &clone->by_origin);
	origin->clone_count++;
}

static void unfollow(struct clone *clone)
{
	list_remove(&clone->by_origin);
	if (clone->origin)
		clone->origin->clone_count--;
	clone->origin = NULL;
}

static enum error open_charged(struct clone *clone, struct arena *arena)
{
	enum error error = account_take(arena->account, charge(clone), 0);
	if (error)
		return error;
	error = open_leafs(clone, arena);
	if (error)
		account_give(arena->account, charge(clone), 0);
	return error;
}

enum error clone_open(struct dataspace *ds, struct dataspace *source)
{
	struct clone *const other = source->clone;
	struct dataspace *const origin = other ? other->origin : source;
	if (origin && origin->clone_count == CLONES_MAX)
		return ERROR_LIMIT;
	struct clone *const clone = arena_alloc(ds->arena, sizeof *clone);
	if (!clone)
		return ERROR_NO_RAM;
	clone->ds = ds;
	clone->leaf_count = (ds->size / PAGE_SIZE + LEAF - 1) / LEAF;
	enum error const error = open_charged(clone, ds->arena);
	if (error) {
		arena_free(ds->arena, clone, sizeof *clone);
		return error;
	}
	ds->clone = clone;
	follow(clone, origin);
	if (other)
		join(clone, other);
	return ERROR_OK;
}

/** Leave the rings of one leaf, from page 'closed' on; false: not all yet */
static bool drop_leaf(struct clone *clone, struct leaf *leaf)
{
	uint64_t const end = clone->closed - clone->closed % LEAF + LEAF;
	for (; clone->closed < end; clone->closed++) {
		if (!work_allowed())
			return false;
		struct page_ref *const ref = &leaf->ref[clone->closed % LEAF];
		work_spend(ref->phys ? WORK_FRAMES : 2);
		if (ref->phys)
			drop(ref);
	}
	return true;
}

static bool drop_leafs(struct clone *clone)
{
	for (uint64_t i = clone->closed / LEAF; i < clone->leaf_count; i++) {
		struct leaf *const leaf = leaf_of(clone, i * LEAF);
		bool const last = leaf && leaf->sharers == 1;
		if (last && !drop_leaf(clone, leaf))
			return false;
		if (last)
			give_frame(clone->leafs[i]);
		else if (leaf)
			leaf->sharers--;
		clone->leafs[i] = 0;
		clone->closed   = (i + 1) * LEAF;
		work_spend(2);
	}
	return true;
}

bool clone_close(struct dataspace *ds)
{
	struct clone *const clone = ds->clone;
	struct arena *const arena = ds->arena;
	unfollow(clone);
	if (!drop_leafs(clone))
		return false;
	close_leafs(clone, arena);
	account_give(arena->account, charge(clone), 0);
	arena_free(arena, clone, sizeof *clone);
	ds->clone = NULL;
	return true;
}
