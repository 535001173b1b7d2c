/* SPDX-License-Identifier: MIT */
/**
 * Frames behind a dataspace: contiguous extents, wiped when first needed
 *
 * RAM is wiped page by page, and in growing steps for who goes through it.
 */
#pragma once

#include "component/dataspace.h"

enum { LARGE_PAGE = 2 << 20 };

/** Frames for all of 'ds', charged. Returns NO_RAM; AGAIN: not all yet */
enum error backing_open(struct dataspace *ds) MUST_USE;

/** Free what is left (offset ds->given_up) and the account. Idempotent; false: not all */
bool backing_close(struct dataspace *ds) MUST_USE;

/** Free frames up to 'end', or leave them to others; in ascending order */
void backing_give_up(struct dataspace *ds, uint64_t end, bool free);

/** What may be mapped at once, see dataspace_part */
struct dataspace_part backing_part(struct dataspace *ds,
                                   struct dataspace_access const *access);

/** Frame of the page at 'offset', and whether it was wiped */
uint64_t backing_frame(struct dataspace *ds, uint64_t offset, bool *wiped);

/** Drop what the cache holds of memory that others access around it */
void backing_flush(void const *memory, size_t size);
