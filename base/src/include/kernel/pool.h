/* SPDX-License-Identifier: MIT */
/**
 * Kernel memory of a protection domain: frames that core donated
 *
 * The kernel allocates nothing else. Lock: the domain's. Whoever needs several
 * frames compares with pool->free first, so that it fails without side effects.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct pool {
	void    *list;    /* free frames, linked by their first word */
	uint32_t frames;  /* donated */
	uint32_t free;
};

/** A zeroed frame, by its address in the direct map; NULL: none left */
void *pool_take(struct pool *);

/** Give back what pool_take gave */
void pool_give(struct pool *, void *frame);

/** Donate a frame: same, but it counts as new */
void pool_donate(struct pool *, void *frame);
