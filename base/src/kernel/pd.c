/* SPDX-License-Identifier: MIT */
/*
 * Protection domains and the memory of their objects
 *
 * A frame of the pool holds objects of one type and size behind a header; it goes
 * back to the pool when the last one is freed.
 */

/* Public */
#include <util/align.h>

/* Internal */
#include <kernel/ec.h>
#include <kernel/irq.h>
#include <kernel/pd.h>
#include <kernel/portal.h>
#include <kernel/round.h>
#include <kernel/signal.h>

struct pd *pd_core;

struct slab_frame
{
	struct list_node partial;   /* in slab->partial if some are free */
	void            *free;      /* linked by their first word */
	uint32_t         used;
};

enum { SLAB_HEADER = 64 };
_Static_assert(sizeof(struct slab_frame) <= SLAB_HEADER, "header");
_Static_assert(sizeof(struct pd) <= PAGE_SIZE, "a frame each");

static size_t const object_size[KOBJECT_TYPES] = {
	[KOBJECT_EC]     = (sizeof(struct ec)     + 63) & ~63UL,
	[KOBJECT_PORTAL] = (sizeof(struct portal) + 63) & ~63UL,
	[KOBJECT_SIGNAL] = (sizeof(struct signal) + 63) & ~63UL,
	[KOBJECT_IRQ]    = (sizeof(struct irq)    + 63) & ~63UL,
};


/* -- slabs -- */

static struct slab_frame *slab_grow(struct pool *pool, struct slab *slab,
                                    size_t size)
{
	struct slab_frame *const frame = pool_take(pool);
	if (!frame)
		return NULL;

	char *const base = (char *)frame;
	for (size_t at = SLAB_HEADER; at + size <= PAGE_SIZE; at += size) {
		*(void **)(void *)(base + at) = frame->free;
		frame->free = base + at;
	}
	list_append(&slab->partial, &frame->partial);
	return frame;
}


static void *slab_take(struct pool *pool, struct slab *slab, size_t size)
{
	struct list_node *const node = list_first(&slab->partial);
	struct slab_frame *const frame =
		node ? container_of(node, struct slab_frame, partial)
		     : slab_grow(pool, slab, size);
	if (!frame)
		return NULL;

	uint64_t *const object = frame->free;
	frame->free = *(void **)(void *)object;
	frame->used++;
	if (!frame->free)
		list_remove(&frame->partial);

	for (size_t i = 0; i < size / 8; i++)
		object[i] = 0;
	return object;
}


static void slab_give(struct pool *pool, struct slab *slab, void *object)
{
	struct slab_frame *const frame =
		(void *)align_down((uint64_t)object, PAGE_SIZE);

	if (!frame->free)
		list_append(&slab->partial, &frame->partial);
	*(void **)object = frame->free;
	frame->free = object;
	if (--frame->used)
		return;
	list_remove(&frame->partial);
	pool_give(pool, frame);
}


void *pd_object_new(struct pd *pd, enum kobject_type type)
{
	lock_take(&pd->lock);
	struct kobject *const object = pd->object.dead ? NULL
		: slab_take(&pd->pool, &pd->slabs[type], object_size[type]);
	if (object) {
		kobject_init(object, type, pd);
		list_append(&pd->objects, &object->in_pd);
		pd->n_objects++;
	}
	lock_release(&pd->lock);
	return object;
}


void pd_object_free(struct kobject *object)
{
	struct pd *const pd = object->pd;
	lock_take(&pd->lock);
	list_remove(&object->in_pd);
	pd->n_objects--;
	if (object->type == KOBJECT_EC)
		ec_fpu_free(container_of(object, struct ec, object));
	slab_give(&pd->pool, &pd->slabs[object->type], object);
	lock_release(&pd->lock);
}


/* -- domains -- */

struct pd *pd_create(uint64_t phys, uint32_t frames)
{
	struct pool pool = { .list = NULL };
	for (uint32_t i = frames; i--; )
		pool_donate(&pool, phys_pointer(phys + i * (uint64_t)PAGE_SIZE));

	struct pd *const pd = pool_take(&pool);
	page_table_init(&pd->space, pointer_phys(pool_take(&pool)));
	cap_table_init(&pd->caps, pool_take(&pool));
	pd->pool = pool;
	kobject_init(&pd->object, KOBJECT_PD, pd);
	return pd;
}


void pd_donate(struct pd *pd, uint64_t phys, uint32_t frames)
{
	lock_take(&pd->lock);
	for (uint32_t i = 0; i < frames; i++)
		pool_donate(&pd->pool,
		            phys_pointer(phys + i * (uint64_t)PAGE_SIZE));
	lock_release(&pd->lock);
}


bool pd_mark(struct pd *pd)
{
	struct list_node *node = NULL;
	lock_take(&pd->lock);
	for (unsigned i = 0; i < 64 && (node = list_take_first(&pd->objects)); i++) {
		kobject_claim(container_of(node, struct kobject, in_pd));
		list_append(&pd->claimed, node);
	}
	lock_release(&pd->lock);
	return !node;
}


bool pd_stop(struct pd *pd)
{
	struct list_node *node = NULL;
	for (unsigned i = 0; i < 4 && (node = list_first(&pd->claimed)); i++) {
		if (!kobject_stop(container_of(node, struct kobject, in_pd)))
			return false;
		list_remove(node);
	}
	if (node || !cap_drain_table(pd))
		return false;
	page_table_retire(&pd->space);
	return true;
}
