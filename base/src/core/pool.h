/* SPDX-License-Identifier: MIT */
/**
 * Kernel memory of protection domains
 *
 * The kernel allocates nothing by itself. An operation that lacks memory fails
 * before any effect; core then donates what is missing and repeats it:
 *
 *     do error = kernel_…(…); while (pool_lacks(&pd->pool, &error));
 */
#pragma once

#include <base/cap.h>
#include <base/error.h>
#include <core/kernel.h>
#include <stdbool.h>
#include <util/list.h>
#include "memory/frames.h"

struct pool {
	cap_t             pd;       /* 0: no domain yet, or not any more */
	uint64_t          rest;     /* of its destruction; 0: it has not begun */
	struct arena     *arena;    /* pays */
	struct frame_list frames;   /* donated */
	struct list_node  by_age;
};

/** That of core itself, where all names that core uses are kept */
extern struct pool core_pool;

/** Create the domain. Returns NO_RAM */
enum error pool_open(struct pool *pool, struct arena *arena) MUST_USE;

/**
 * Destroy the domain with all objects in it; its frames can be freed then
 *
 * False: not all yet (work.h). What it has mapped is still there, and the kernel
 * takes no orders for it (pool_dying).
 */
bool pool_stop(struct pool *pool) MUST_USE;

static inline bool pool_dying(struct pool const *pool)
{
	return pool->pd && pool->rest;
}

/** Free its frames after that; false: not all yet */
bool pool_free_some(struct pool *pool) MUST_USE;

/** Bytes that all pools cost */
extern size_t pool_ram;

/**
 * Of the RAM that the payer uses: kernel memory, and the rest of the arena's pages
 *
 * It depends on the order of things; what is used beyond it does not.
 */
static inline size_t pool_kept(struct pool const *pool)
{
	return frame_list_ram(&pool->frames) + pool->arena->kept;
}

/**
 * What the kernel says of core's domain and the oldest others together
 *
 * Returns how many there are, at most 128. What the kernel does not answer for is
 * about to die.
 */
unsigned pool_info_all(struct kernel_pd_info *sum);

/** Donate 'frames' more. Returns NO_RAM */
enum error pool_donate(struct pool *pool, unsigned frames) MUST_USE;

/**
 * Whether to repeat an operation that returned *error
 *
 * If it lacked kernel memory, that was donated now. If this was impossible,
 * *error is NO_RAM.
 */
bool pool_lacks(struct pool *pool, enum error *error);
