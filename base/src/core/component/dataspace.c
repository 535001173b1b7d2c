/* SPDX-License-Identifier: MIT */
/** Memory objects */

/* public */
#include <rpc/dataspace.h>
#include <util/align.h>
#include <util/bits.h>
#include <util/minmax.h>
#include <util/string.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "component/dataspace.h"
#include "component/region_map.h"

enum {
	PART       = 64 * 1024,
	PAGE_LOG2  = 12,
	PART_LOG2  = 16,
	BITMAP_MAX = 32 * 1024,            /* bytes */
	BLOCK      = ARENA_MAX / sizeof(struct extent),
	BLOCKS     = ARENA_MAX / sizeof(struct extent *),
};

/* -- RPC -- */

static enum error info(struct rpc_object *self, uint64_t *size, bool *writable)
{
	struct dataspace const *const ds = object_self(self);
	*size     = ds->size;
	*writable = ds->writable;
	return ERROR_OK;
}

static enum error physical_address(struct rpc_object *self, uint64_t *address)
{
	struct dataspace const *const ds = object_self(self);
	if (!ds->contiguous)
		return ERROR_DENIED;
	*address = ds->extent.phys;
	return ERROR_OK;
}

static struct dataspace_ops const ops = {
	.info     = info,
	.physical = physical_address,
};

/* -- frames -- */

static struct extent *extent(struct dataspace *ds, uint32_t i)
{
	return ds->extents ? &ds->extents[i / BLOCK][i % BLOCK] : &ds->extent;
}

static uint64_t extent_end(struct dataspace *ds, uint32_t i)
{
	return i + 1 < ds->extent_count ? extent(ds, i + 1)->offset : ds->size;
}

/** Index of the extent that contains 'offset' */
static uint32_t extent_at(struct dataspace *ds, uint64_t offset)
{
	uint32_t low = 0, high = ds->extent_count;
	while (high - low > 1) {
		uint32_t const middle = (low + high) / 2;
		if (extent(ds, middle)->offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void free_extent_blocks(struct dataspace *ds)
{
	if (!ds->extents)
		return;
	for (uint32_t i = 0; i < BLOCKS && ds->extents[i]; i++)
		arena_free(ds->arena, ds->extents[i],
		           BLOCK * sizeof(struct extent));
	arena_free(ds->arena, ds->extents, ARENA_MAX);
	ds->extents = NULL;
}

/** 'end' is where the last extent ends */
static void free_extents(struct dataspace *ds, uint64_t end)
{
	for (uint32_t i = 0; i < ds->extent_count; i++) {
		struct extent const *const e = extent(ds, i);
		uint64_t const next = i + 1 < ds->extent_count
		                    ? extent(ds, i + 1)->offset : end;
		ranges_add(&physical, e->phys, next - e->offset);
	}
	free_extent_blocks(ds);
	ds->extent_count = 0;
}

/** Place for one more extent; NULL: no RAM, or too many */
static struct extent *next_extent(struct dataspace *ds)
{
	uint32_t const i = ds->extent_count;
	if (i == BLOCK * BLOCKS)
		return NULL;
	if (i % BLOCK == 0)
		ds->extents[i / BLOCK] = arena_alloc(
			ds->arena, BLOCK * sizeof(struct extent));
	return ds->extents[i / BLOCK] ? extent(ds, i) : NULL;
}

/** No single range is large enough: take the largest ones */
static enum error scattered(struct dataspace *ds)
{
	ds->extents = arena_alloc(ds->arena, ARENA_MAX);
	if (!ds->extents)
		return ERROR_NO_RAM;
	for (uint64_t offset = 0, part; offset < ds->size; offset += part) {
		struct extent *const e = next_extent(ds);
		part = e ? ranges_alloc_part(&physical, ds->size - offset,
		                             &e->phys) : 0;
		if (!part) {
			free_extents(ds, offset);
			return ERROR_NO_RAM;
		}
		e->offset = offset;
		ds->extent_count++;
	}
	return ERROR_OK;
}

static enum error take_frames(struct dataspace *ds)
{
	if (account_take(ds->arena->account, ds->size, 0))
		return ERROR_NO_RAM;
	uint64_t const align = ds->size >= 2 << 20 ? 2 << 20 : PAGE_SIZE;
	enum error error = ERROR_OK;
	if (ranges_alloc(&physical, ds->size, align, &ds->extent.phys)
	 || ranges_alloc(&physical, ds->size, PAGE_SIZE, &ds->extent.phys))
		ds->extent_count = 1;
	else
		error = ds->contiguous ? ERROR_NO_RAM : scattered(ds);
	if (error)
		account_give(ds->arena->account, ds->size, 0);
	return error;
}

/* -- wiping -- */

static uint64_t granules(struct dataspace const *ds)
{
	return (ds->size + bit(ds->granule) - 1) >> ds->granule;
}

static size_t bitmap_size(struct dataspace const *ds)
{
	return align_up(granules(ds), 64) / 8;
}

static enum error open_wiped(struct dataspace *ds)
{
	ds->granule = PAGE_LOG2;
	if (bitmap_size(ds) > BITMAP_MAX)
		ds->granule = PART_LOG2;

	size_t const size = bitmap_size(ds);
	if (size == sizeof ds->wiped_word) {
		ds->wiped = &ds->wiped_word;
	} else if (size <= ARENA_MAX / 2) {
		ds->wiped = arena_alloc(ds->arena, size);
	} else {
		if (frames_alloc(ds->arena->account,
		                 align_up(size, PAGE_SIZE), &ds->wiped_phys))
			return ERROR_NO_RAM;
		ds->wiped = memset(kernel_phys(ds->wiped_phys), 0, size);
	}
	return ds->wiped ? ERROR_OK : ERROR_NO_RAM;
}

static void close_wiped(struct dataspace *ds)
{
	size_t const size = bitmap_size(ds);
	if (ds->wiped_phys)
		frames_free(ds->arena->account, ds->wiped_phys,
		            align_up(size, PAGE_SIZE));
	else if (ds->wiped != &ds->wiped_word)
		arena_free(ds->arena, ds->wiped, size);
	ds->wiped = NULL;
	ds->wiped_phys = 0;
}

/** Wipe granule 'g', which may reach over the end of an extent */
static void wipe(struct dataspace *ds, uint64_t g)
{
	uint64_t offset = g << ds->granule;
	uint64_t const end = min(offset + bit(ds->granule), ds->size);
	while (offset < end) {
		uint32_t const i = extent_at(ds, offset);
		struct extent const *const e = extent(ds, i);
		uint64_t const size = min(end, extent_end(ds, i)) - offset;
		memset(kernel_phys(e->phys + (offset - e->offset)), 0, size);
		offset += size;
	}
	bit_set(ds->wiped, g);
}

/**
 * Wipe granule 'g' and as many behind it as are wiped in front of it
 *
 * [first, last) is the part that can be mapped at once.
 */
static void wipe_ahead(struct dataspace *ds, uint64_t g, uint64_t first,
                       uint64_t last)
{
	uint64_t run = 0;
	while (g - run > first && bit_test(ds->wiped, g - run - 1))
		run++;
	for (uint64_t n = max(run, (uint64_t)1); n && g < last; n--, g++)
		if (!bit_test(ds->wiped, g))
			wipe(ds, g);
}

/** Shrink [part->start, part->end) to what is wiped around 'offset' */
static void only_wiped(struct dataspace *ds, uint64_t offset,
                       struct dataspace_part *part)
{
	uint64_t const size = bit(ds->granule), g = offset >> ds->granule;
	uint64_t const first = part->start >> ds->granule;
	uint64_t const last  = align_up(part->end, size) >> ds->granule;
	if (!bit_test(ds->wiped, g))
		wipe_ahead(ds, g, first, last);

	uint64_t low = g, high = g + 1;
	while (low > first && bit_test(ds->wiped, low - 1))
		low--;
	while (high < last && bit_test(ds->wiped, high))
		high++;
	part->start = max(part->start, low << ds->granule);
	part->end   = min(part->end, high << ds->granule);
}

struct dataspace_part dataspace_part(struct dataspace *ds, uint64_t offset,
                                     uint64_t low, uint64_t high)
{
	uint32_t const i = extent_at(ds, offset);
	struct extent const *const e = extent(ds, i);
	uint64_t const block = align_down(offset, PART);
	low  = max(low, block);
	high = min(high, block + PART);
	struct dataspace_part part = {
		.start = max(low, e->offset),
		.end   = min(high, extent_end(ds, i)),
	};
	if (ds->wiped)
		only_wiped(ds, offset, &part);
	part.phys = e->phys + (part.start - e->offset);
	return part;
}

void *dataspace_memory(struct dataspace *ds)
{
	return kernel_phys(ds->extent.phys);
}

/* -- life -- */

static enum error open_object(struct dataspace *ds, struct arena *arena,
                              enum dataspace_kind kind)
{
	enum error const error = object_open(&ds->object, arena,
	                                     dataspace_dispatch, &ops, ds);
	if (!error) {
		ds->arena = arena;
		ds->kind  = kind;
	}
	return error;
}

enum error dataspace_open_ram(struct dataspace *ds, struct arena *arena,
                              uint64_t size, bool contiguous,
                              unsigned map_flags)
{
	if (!size || size > DATASPACE_MAX)
		return ERROR_INVALID;
	*ds = (struct dataspace) {
		.size = align_up(size, PAGE_SIZE), .writable = true,
		.contiguous = contiguous, .map_flags = map_flags,
	};
	enum error error = open_object(ds, arena, DATASPACE_RAM);
	if (!error)
		error = take_frames(ds);
	if (!error)
		error = open_wiped(ds);
	if (error)
		dataspace_close(ds);
	return error;
}

enum error dataspace_open_fixed(struct dataspace *ds, struct arena *arena,
                                uint64_t phys, uint64_t size, bool writable,
                                unsigned map_flags)
{
	*ds = (struct dataspace) {
		.size = align_up(size, PAGE_SIZE), .writable = writable,
		.map_flags = map_flags, .extent.phys = phys, .extent_count = 1,
	};
	return open_object(ds, arena, DATASPACE_FIXED);
}

enum error dataspace_open_managed(struct dataspace *ds, struct arena *arena,
                                  struct region_map *map, uint64_t size)
{
	*ds = (struct dataspace) { .size = size, .writable = true, .map = map };
	return open_object(ds, arena, DATASPACE_MANAGED);
}

void dataspace_close(struct dataspace *ds)
{
	if (!ds->arena)
		return;
	object_close(&ds->object);
	attachments_vanish(ds);
	list_remove(&ds->by_owner);
	if (ds->kind == DATASPACE_RAM) {
		close_wiped(ds);
		if (ds->extent_count)
			account_give(ds->arena->account, ds->size, 0);
		free_extents(ds, ds->size);
	}
	ds->arena = NULL;
}

struct dataspace *dataspace_find(dataspace_cap_t ds)
{
	return object_find(ds.cap, dataspace_dispatch);
}
