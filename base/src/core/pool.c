/* SPDX-License-Identifier: MIT */
/** Kernel memory of protection domains */

/* internal */
#include <core/kernel.h>

/* local */
#include "object.h"
#include "pool.h"

enum { CORE_LOW = 4, CORE_BATCH = 16, OLDEST = 127 };

struct pool core_pool;
size_t      pool_ram;

static struct list pools;        /* but for core's */

static enum error take(struct pool *pool, unsigned frames, uint64_t *phys)
{
	size_t const before = frame_list_ram(&pool->frames);
	enum error const error = frame_list_alloc(&pool->frames, pool->arena,
	                                          frames, phys);
	pool_ram += frame_list_ram(&pool->frames) - before;
	return error;
}

enum error pool_open(struct pool *pool, struct arena *arena)
{
	uint64_t phys;
	pool->arena = arena;
	enum error error = take(pool, KERNEL_PD_FRAMES, &phys);
	if (error)
		return error;
	do error = kernel_pd_create(phys, KERNEL_PD_FRAMES, &pool->pd);
	while (pool_lacks(&core_pool, &error));
	if (!error)
		list_append(&pools, &pool->by_age);
	return error;
}

bool pool_stop(struct pool *pool)
{
	if (pool->pd && !object_destroy_some(pool->pd, &pool->rest))
		return false;
	list_remove(&pool->by_age);
	pool->pd = 0;
	return true;
}

bool pool_free_some(struct pool *pool)
{
	size_t const before = frame_list_ram(&pool->frames);
	bool const done = frame_list_free_some(&pool->frames, pool->arena);
	pool_ram -= before - frame_list_ram(&pool->frames);
	return done;
}

static void add_info(struct kernel_pd_info *sum, struct pool const *pool)
{
	struct kernel_pd_info info = { 0 };
	error_ignore(kernel_pd_info(pool->pd, &info), "it dies: nothing");
	sum->frames  += info.frames;
	sum->free    += info.free;
	sum->caps    += info.caps;
	sum->objects += info.objects;
}

unsigned pool_info_all(struct kernel_pd_info *sum)
{
	unsigned n = 0;
	*sum = (struct kernel_pd_info) { 0 };
	add_info(sum, &core_pool);
	list_for_each(&pools, node) {
		if (n == OLDEST)
			break;
		add_info(sum, container_of(node, struct pool, by_age));
		n++;
	}
	return n + 1;
}

enum error pool_donate(struct pool *pool, unsigned frames)
{
	uint64_t phys;
	enum error error = take(pool, frames, &phys);
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
