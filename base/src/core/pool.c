/* SPDX-License-Identifier: MIT */
/** Kernel memory of protection domains */

/* internal */
#include <core/kernel.h>

/* local */
#include "object.h"
#include "pool.h"

enum { CORE_LOW = 4, CORE_BATCH = 16 };

struct pool core_pool;

enum error pool_open(struct pool *pool, struct arena *arena)
{
	uint64_t phys;
	pool->arena = arena;
	enum error error = frame_list_alloc(&pool->frames, arena,
	                                    KERNEL_PD_FRAMES, &phys);
	if (error)
		return error;
	do error = kernel_pd_create(phys, KERNEL_PD_FRAMES, &pool->pd);
	while (pool_lacks(&core_pool, &error));
	return error;
}

bool pool_stop(struct pool *pool)
{
	if (pool->pd && !object_destroy_some(pool->pd, &pool->rest))
		return false;
	pool->pd = 0;
	return true;
}

enum error pool_donate(struct pool *pool, unsigned frames)
{
	uint64_t phys;
	enum error error = frame_list_alloc(&pool->frames, pool->arena, frames,
	                                    &phys);
	if (!error)
		error = kernel_pd_donate(pool->pd, phys, frames);
	return error;
}

/** Many operations also need a name in core's own domain */
static bool core_low(void)
{
	struct kernel_pd_info info;
	return kernel_pd_info(core_pool.pd, &info) == ERROR_OK
	    && info.free < CORE_LOW;
}

bool pool_lacks(struct pool *pool, enum error *error)
{
	if (*error != ERROR_KERNEL_RAM)
		return false;
	unsigned const missing = kernel_missing();
	if (core_low())
		*error = pool_donate(&core_pool, CORE_BATCH);
	else
		*error = pool_donate(pool, missing ? missing : 1);
	return *error == ERROR_OK;
}
