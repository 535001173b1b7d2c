/* SPDX-License-Identifier: MIT */

/* Public */
#include <util/string.h>

/* Internal */
#include <kernel/layout.h>
#include <kernel/pool.h>


void *pool_take(struct pool *pool)
{
	void **const frame = pool->list;
	if (!frame)
		return NULL;

	pool->list = *frame;
	pool->free--;
	return memset(frame, 0, PAGE_SIZE);
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
