/* SPDX-License-Identifier: MIT */
/**
 * Small objects in pages of one account
 *
 * A page is a bitmap over 32-byte granules; its header occupies the first two.
 * Only pages at the front of the list are tried, so that the time is bounded
 * however many there are.
 */

/* public */
#include <util/bits.h>
#include <util/string.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "memory/arena.h"
#include "memory/frames.h"

enum { GRANULE = 32, GRANULES = PAGE_SIZE / GRANULE, TRIES = 16 };

typedef unsigned __int128 bitmap_t;
_Static_assert(GRANULES == 128, "one bitmap");

struct arena_page {
	bitmap_t           used;
	uint64_t           phys;
	struct arena_page *next, *prev;
	uint64_t           failed;  /* smallest number of granules not found */
	uint64_t           unused[2];
};
_Static_assert(sizeof(struct arena_page) == 2 * GRANULE, "header");

static bitmap_t const header = 3;

size_t arena_kept;

/** So many bytes more that no object uses, or less */
static void keep(struct arena *arena, size_t more, size_t less)
{
	arena->kept += more - less;
	arena_kept  += more - less;
}

static bitmap_t mask(unsigned granules)
{
	return (((bitmap_t)1 << granules) - 1);
}

static unsigned lowest(bitmap_t word)
{
	return (uint64_t)word ? bit_lowest((uint64_t)word)
	                      : 64 + bit_lowest((uint64_t)(word >> 64));
}

/** First of 'granules' adjoining free ones; GRANULES: there are none */
static unsigned find(bitmap_t used, unsigned granules)
{
	bitmap_t starts = ~used;
	unsigned have = 1;
	while (have < granules && starts) {
		unsigned const step = granules - have < have ? granules - have
		                                             : have;
		starts &= starts >> step;
		have += step;
	}
	return starts ? lowest(starts) : GRANULES;
}

static void link(struct arena_page **list, struct arena_page *page)
{
	page->prev = NULL;
	page->next = *list;
	if (*list)
		(*list)->prev = page;
	*list = page;
}

static void unlink(struct arena_page **list, struct arena_page *page)
{
	if (page->prev)
		page->prev->next = page->next;
	else
		*list = page->next;
	if (page->next)
		page->next->prev = page->prev;
}

static bool nearly_full(struct arena_page const *page)
{
	bitmap_t const clear = ~page->used;
	return !(clear & (clear - 1));
}

/** The list on which a page is, as its bitmap tells */
static struct arena_page **list_of(struct arena *arena,
                                   struct arena_page const *page)
{
	return nearly_full(page) ? &arena->full : &arena->open;
}

static void *take(struct arena *arena, struct arena_page *page,
                  unsigned granules)
{
	unsigned const at = find(page->used, granules);
	if (at == GRANULES) {
		page->failed = granules;
		return NULL;
	}
	page->used |= mask(granules) << at;
	keep(arena, 0, (size_t)granules * GRANULE);
	if (nearly_full(page)) {
		unlink(&arena->open, page);
		link(&arena->full, page);
	}
	return memset((char *)page + at * GRANULE, 0,
	              (size_t)granules * GRANULE);
}

static struct arena_page *new_page(struct arena *arena)
{
	uint64_t phys;
	if (frames_alloc(arena->account, PAGE_SIZE, &phys))
		return NULL;
	struct arena_page *const page = kernel_phys(phys);
	*page = (struct arena_page) { .used = header, .phys = phys,
	                              .failed = GRANULES };
	link(&arena->open, page);
	keep(arena, PAGE_SIZE, 0);
	return page;
}

static unsigned granules_of(size_t size)
{
	return (unsigned)((size + GRANULE - 1) / GRANULE);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	if (!size || size > ARENA_MAX)
		return NULL;
	unsigned const granules = granules_of(size);
	struct arena_page *page = arena->open;
	for (unsigned i = 0; page && i < TRIES; i++, page = page->next) {
		void *const object = granules < page->failed
		                   ? take(arena, page, granules) : NULL;
		if (object)
			return object;
	}
	page = new_page(arena);
	return page ? take(arena, page, granules) : NULL;
}

static void free_page(struct arena *arena, struct arena_page *page)
{
	frames_free(arena->account, page->phys, PAGE_SIZE);
}

void arena_free(struct arena *arena, void *object, size_t size)
{
	if (!object)
		return;
	uintptr_t const offset = (uintptr_t)object % PAGE_SIZE;
	struct arena_page *const page = (void *)((char *)object - offset);

	unlink(list_of(arena, page), page);
	page->used  &= ~(mask(granules_of(size)) << offset / GRANULE);
	page->failed = GRANULES;
	keep(arena, (size_t)granules_of(size) * GRANULE, 0);
	if (page->used != header) {
		link(list_of(arena, page), page);
		return;
	}
	keep(arena, 0, PAGE_SIZE);
	free_page(arena, page);
}

void arena_clear(struct arena *arena)
{
	for (struct arena_page *page; (page = arena->open); free_page(arena, page))
		unlink(&arena->open, page);
	for (struct arena_page *page; (page = arena->full); free_page(arena, page))
		unlink(&arena->full, page);
	keep(arena, 0, arena->kept);
}
