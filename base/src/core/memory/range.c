/* SPDX-License-Identifier: MIT */
/** Allocator of physical memory ranges */

/* public */
#include <util/container_of.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "memory/range.h"

/** Stands at the beginning of the free range that it describes */
struct range {
	struct avl_node by_base, by_size;
	uint64_t        base, size;
};

static struct range *of_base(struct avl_node *node)
{
	return node ? container_of(node, struct range, by_base) : NULL;
}

static struct range *of_size(struct avl_node *node)
{
	return node ? container_of(node, struct range, by_size) : NULL;
}

static uint64_t base_key(struct avl_node const *node)
{
	return container_of_const(node, struct range, by_base)->base;
}

static uint64_t size_key(struct avl_node const *node)
{
	return container_of_const(node, struct range, by_size)->size;
}

static void insert(struct ranges *ranges, uint64_t base, uint64_t size)
{
	struct range *const range = kernel_phys(base);
	*range = (struct range) { .base = base, .size = size };
	avl_insert_by_key(&ranges->by_base, &range->by_base, base_key);
	avl_insert_by_key(&ranges->by_size, &range->by_size, size_key);
}

static void discard(struct ranges *ranges, struct range *range)
{
	avl_remove(&ranges->by_base, &range->by_base);
	avl_remove(&ranges->by_size, &range->by_size);
}

static void resize(struct ranges *ranges, struct range *range, uint64_t size)
{
	avl_remove(&ranges->by_size, &range->by_size);
	range->size = size;
	avl_insert_by_key(&ranges->by_size, &range->by_size, size_key);
}

void ranges_add(struct ranges *ranges, uint64_t base, uint64_t size)
{
	if (!base && size) {
		base += PAGE_SIZE;
		size -= PAGE_SIZE;
	}
	if (!size)
		return;
	ranges->free += size;

	struct range *const next =
		of_base(avl_at_or_after(&ranges->by_base, base, base_key));
	if (next && next->base == base + size) {
		size += next->size;
		discard(ranges, next);
	}
	struct range *const before =
		of_base(avl_at_or_before(&ranges->by_base, base, base_key));
	if (before && before->base + before->size == base)
		resize(ranges, before, before->size + size);
	else
		insert(ranges, base, size);
}

/** Take [base, + size) out of 'range', which contains it */
static void cut(struct ranges *ranges, struct range *range, uint64_t base,
                uint64_t size)
{
	uint64_t const front = base - range->base;
	uint64_t const back  = range->base + range->size - (base + size);
	if (front)
		resize(ranges, range, front);
	else
		discard(ranges, range);
	if (back)
		insert(ranges, base + size, back);
	ranges->free -= size;
}

bool ranges_alloc(struct ranges *ranges, uint64_t size, uint64_t align,
                  uint64_t *base)
{
	struct avl_node *node =
		avl_at_or_after(&ranges->by_size, size, size_key);
	for (; size && node; node = avl_next(node)) {
		struct range *const range = of_size(node);
		uint64_t const at =
			(range->base + range->size - size) & ~(align - 1);
		if (at < range->base)
			continue;
		cut(ranges, range, at, size);
		*base = at;
		return true;
	}
	return false;
}

uint64_t ranges_alloc_part(struct ranges *ranges, uint64_t size, uint64_t *base)
{
	struct range *const range = of_size(avl_last(&ranges->by_size));
	if (!range || !size)
		return 0;
	if (size > range->size)
		size = range->size;
	*base = range->base + range->size - size;
	cut(ranges, range, *base, size);
	return size;
}
