/* SPDX-License-Identifier: MIT */

/* internal */
#include <kernel/cpu.h>
#include <kernel/pool.h>


static void clear(uint64_t *frame)
{
	uint64_t words = PAGE_SIZE / 8;
	__asm__ volatile ("rep stosq" : "+D" (frame), "+c" (words)
	                  : "a" (0UL) : "memory");
}


void *pool_take(struct pool *pool)
{
	void **const frame = pool->list;
	if (!frame)
		return NULL;

	pool->list = *frame;
	pool->free--;
	clear((uint64_t *)(void *)frame);
	return frame;
}


void pool_give(struct pool *pool, void *frame)
{
	*(void **)frame = pool->list;
	pool->list = frame;
	pool->free++;
}


void pool_donate(struct pool *pool, void *frame)
{
	pool->frames++;
	pool_give(pool, frame);
}
