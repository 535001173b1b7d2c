/* SPDX-License-Identifier: MIT */
/**
 * Allocator of physical memory ranges
 *
 * A free range is described by a node in its own first bytes, so the allocator
 * needs no memory beside the free one and boot touches one page a range. Best
 * fit, from the end of the range. Page 0 is never handed out: 0 is "none".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <util/avl.h>

enum { PAGE_SIZE = 4096 };

/** Zeroed memory is one without ranges */
struct ranges {
	struct avl_tree by_base, by_size;
	uint64_t        free;             /* bytes in all ranges */
};

/** Add free memory, of which nothing is in it; multiples of PAGE_SIZE */
void ranges_add(struct ranges *ranges, uint64_t base, uint64_t size);

/**
 * Take 'size' contiguous bytes, aligned to 'align' (a power of two)
 *
 * Both are multiples of PAGE_SIZE. False: there is no such range.
 */
bool ranges_alloc(struct ranges *ranges, uint64_t size, uint64_t align,
                  uint64_t *base);

/** Take at most 'size' bytes of the largest range; returns how many, or 0 */
uint64_t ranges_alloc_part(struct ranges *ranges, uint64_t size, uint64_t *base);
