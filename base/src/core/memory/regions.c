/* SPDX-License-Identifier: MIT */
/** Placement of regions in a range of addresses */

/* public */
#include <util/align.h>
#include <util/container_of.h>

/* local */
#include "memory/range.h"
#include "memory/regions.h"

static struct region *of_base(struct avl_node *node)
{
	return node ? container_of(node, struct region, by_base) : NULL;
}

static uint64_t base_key(struct avl_node const *node)
{
	return container_of_const(node, struct region, by_base)->base;
}

static uint64_t gap_key(struct avl_node const *node)
{
	return container_of_const(node, struct region, by_gap)->gap;
}

static uint64_t gap_of(struct avl_node const *node, uint64_t otherwise)
{
	return node ? gap_key(node) : otherwise;
}

/** Whether the order of gaps remains when that of 'region' changes */
static bool keeps_place(struct region const *region, uint64_t gap)
{
	return gap && avl_linked(&region->by_gap)
	    && gap_of(avl_prev(&region->by_gap), 0) <= gap
	    && gap <= gap_of(avl_next(&region->by_gap), gap);
}

static void set_gap(struct regions *regions, struct region *region, uint64_t gap)
{
	if (keeps_place(region, gap)) {
		region->gap = gap;
		return;
	}
	avl_remove(&regions->by_gap, &region->by_gap);
	region->gap = gap;
	if (gap)
		avl_insert_by_key(&regions->by_gap, &region->by_gap, gap_key);
}

void regions_init(struct regions *regions, uint64_t base, uint64_t size,
                  bool guards)
{
	*regions = (struct regions) { .end.base = base + size,
	                              .guards = guards };
	avl_insert_by_key(&regions->by_base, &regions->end.by_base, base_key);
	set_gap(regions, &regions->end, size);
}

/** Insert 'region' at 'base' into the gap in front of 'next', where it fits */
static void insert(struct regions *regions, struct region *next,
                   struct region *region, uint64_t base)
{
	uint64_t const low = next->base - next->gap;
	region->base = base;
	set_gap(regions, next, next->base - (base + region->size));
	set_gap(regions, region, base - low);
	avl_insert_by_key(&regions->by_base, &region->by_base, base_key);
}

enum error regions_place(struct regions *regions, struct region *region,
                         uint64_t align)
{
	uint64_t const guard = regions->guards ? PAGE_SIZE : 0;
	uint64_t const slack = 2 * guard + align - PAGE_SIZE;
	uint64_t const need  = region->size + slack;
	struct avl_node *const node = need < region->size ? NULL
		: avl_at_or_after(&regions->by_gap, need, gap_key);
	if (!node || !region->size)
		return ERROR_CONFLICT;

	struct region *const next = container_of(node, struct region, by_gap);
	insert(regions, next, region,
	       align_up(next->base - next->gap + guard, align));
	return ERROR_OK;
}

enum error regions_insert(struct regions *regions, struct region *region)
{
	struct region *const next = of_base(
		avl_at_or_after(&regions->by_base, region->base, base_key));
	if (!next || !region->size)
		return ERROR_CONFLICT;

	uint64_t const room = next->base - region->base;
	if (room > next->gap || region->size > room)
		return ERROR_CONFLICT;
	insert(regions, next, region, region->base);
	return ERROR_OK;
}

void regions_remove(struct regions *regions, struct region *region)
{
	struct region *const next = of_base(avl_next(&region->by_base));
	uint64_t const gap = region->gap + region->size + next->gap;
	avl_remove(&regions->by_base, &region->by_base);
	set_gap(regions, region, 0);
	set_gap(regions, next, gap);
}

struct region *regions_find(struct regions const *regions, uint64_t address)
{
	struct region *const region = of_base(
		avl_at_or_before(&regions->by_base, address, base_key));
	return region && address - region->base < region->size ? region : NULL;
}

struct region *regions_any(struct regions const *regions)
{
	struct region *const region = of_base(avl_first(&regions->by_base));
	return region && region->size ? region : NULL;
}
