/* SPDX-License-Identifier: MIT */
/**
 * Protection domain: address space, name table, objects, kernel memory
 *
 * Everything that a domain needs in the kernel lies in frames of its own pool.
 * When the domain died they are core's again, as they are.
 */
#pragma once

/* Internal */
#include <kernel/cap.h>
#include <kernel/page_table.h>
#include <kernel/pool.h>

struct slab { struct list partial; };  /* frames with free objects */

struct pd {
	struct kobject     object;

	/* lock: 'lock' (in the order of locks behind all objects) */
	struct lock        lock;
	struct pool        pool;
	struct page_table  space;
	struct cap_table   caps;
	struct list        objects;      /* kobject.in_pd */
	uint32_t           n_objects;
	struct slab        slabs[KOBJECT_TYPES];

	/* destroyer */
	struct list        claimed;      /* former 'objects' */
};

static inline struct pd *kobject_pd(struct kobject *object)
{
	return container_of(object, struct pd, object);
}

/** Core's; the only one that may use privileged system calls */
extern struct pd *pd_core;

/** What kernel objects need of the frames [phys, + frames): 3 for the domain */
struct pd *pd_create(uint64_t phys, uint32_t frames);

void pd_donate(struct pd *, uint64_t phys, uint32_t frames);

/**
 * Zeroed memory for an object of the domain, linked into it
 *
 * NULL: a frame lacks, or the domain is dead.
 */
void *pd_object_new(struct pd *, enum kobject_type);
void  pd_object_free(struct kobject *);

/** Steps of dying: claim all objects; stop them; leave all other domains */
bool pd_mark(struct pd *);
bool pd_stop(struct pd *);
