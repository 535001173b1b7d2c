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

static void set_gap(struct regions *regions, struct region *region, uint64_t gap)
{
	avl_remove(&regions->by_gap, &region->by_gap);
	region->gap = gap;
	if (gap)
		avl_insert_by_key(&regions->by_gap, &region->by_gap, gap_key);
}

void regions_init(struct regions *regions, uint64_t base, uint64_t size,
                  bool guards)
{
	*regions = (struct regions) { .start.base = base, .guards = guards };
	avl_insert_by_key(&regions->by_base, &regions->start.by_base, base_key);
	set_gap(regions, &regions->start, size);
}

/** Insert 'region' at 'base' into the gap behind 'before', where it fits */
static void insert(struct regions *regions, struct region *before,
                   struct region *region, uint64_t base)
{
	uint64_t const front = base - (before->base + before->size);
	uint64_t const back  = before->gap - front - region->size;
	region->base = base;
	set_gap(regions, before, front);
	avl_insert_by_key(&regions->by_base, &region->by_base, base_key);
	set_gap(regions, region, back);
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

	struct region *const before = container_of(node, struct region, by_gap);
	insert(regions, before, region,
	       align_up(before->base + before->size + guard, align));
	return ERROR_OK;
}

enum error regions_insert(struct regions *regions, struct region *region)
{
	struct region *const before = of_base(
		avl_at_or_before(&regions->by_base, region->base, base_key));
	if (!before || !region->size)
		return ERROR_CONFLICT;

	/* size 0 is that of the start, which may have an equal base */
	uint64_t const offset = region->base - before->base;
	if (offset < before->size || offset - before->size > before->gap
	 || region->size > before->gap - (offset - before->size))
		return ERROR_CONFLICT;
	insert(regions, before, region, region->base);
	return ERROR_OK;
}

void regions_remove(struct regions *regions, struct region *region)
{
	struct region *const before = of_base(avl_prev(&region->by_base));
	uint64_t const gap = before->gap + region->size + region->gap;
	avl_remove(&regions->by_base, &region->by_base);
	set_gap(regions, region, 0);
	set_gap(regions, before, gap);
}

struct region *regions_find(struct regions const *regions, uint64_t address)
{
	struct region *const region = of_base(
		avl_at_or_before(&regions->by_base, address, base_key));
	return region && address - region->base < region->size ? region : NULL;
}

struct region *regions_any(struct regions const *regions)
{
	struct region *const region = of_base(avl_last(&regions->by_base));
	return region && region->size ? region : NULL;
}
