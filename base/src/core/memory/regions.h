/* SPDX-License-Identifier: MIT */
/**
 * Placement of regions in a range of addresses
 *
 * Each region knows the gap in front of it. Regions are sorted by address and
 * by that gap, so that search, best fit and removal take logarithmic time. As
 * regions are placed at the beginning of a gap, the region behind it often
 * keeps its place in the order of gaps.
 */
#pragma once

#include <base/error.h>
#include <stddef.h>
#include <stdint.h>
#include <util/avl.h>

struct region {
	struct avl_node by_base, by_gap;
	uint64_t        base, size;
	uint64_t        gap;          /* free bytes in front of it */
};

struct regions {
	struct avl_tree by_base, by_gap;
	struct region   end;          /* empty, behind all others */
	bool            guards;       /* placed ones have a free page around */
};

/** Empty map of [base, + size); it must not be moved afterwards */
void regions_init(struct regions *regions, uint64_t base, uint64_t size,
                  bool guards);

/**
 * Insert 'region', whose size is set, where it fits best
 *
 * 'align' is a power of two ≥ PAGE_SIZE. CONFLICT: no gap is large enough.
 */
enum error regions_place(struct regions *regions, struct region *region,
                         uint64_t align) MUST_USE;

/** Insert 'region' at its base. CONFLICT: overlap, or outside the map */
enum error regions_insert(struct regions *regions, struct region *region) MUST_USE;

void regions_remove(struct regions *regions, struct region *region);

/** Region that contains 'address'; NULL: none */
struct region *regions_find(struct regions const *regions, uint64_t address);

/** Any region; NULL: the map is empty */
struct region *regions_any(struct regions const *regions);
