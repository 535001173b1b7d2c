/* SPDX-License-Identifier: MIT */
/** Frames behind a dataspace */

/* public */
#include <util/align.h>
#include <util/bits.h>
#include <util/minmax.h>
#include <util/string.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "component/backing.h"
#include "work.h"

enum {
	PART       = 64 * 1024,
	PAGE_LOG2  = 12,
	PART_LOG2  = 16,
	CACHE_LINE = 64,
	BITMAP_MAX = 32 * 1024,            /* bytes */
	BLOCK      = ARENA_MAX / sizeof(struct extent),
	BLOCKS     = ARENA_MAX / sizeof(struct extent *),
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

static void free_range(struct dataspace *ds, uint64_t offset, uint64_t end)
{
	while (offset < end) {
		uint32_t const i = extent_at(ds, offset);
		struct extent const *const e = extent(ds, i);
		uint64_t const size = min(end, extent_end(ds, i)) - offset;
		ranges_add(&physical, e->phys + (offset - e->offset), size);
		offset += size;
	}
}

/** False: not all yet */
static bool free_extents(struct dataspace *ds)
{
	while (ds->given_up < ds->taken) {
		uint32_t const i = extent_at(ds, ds->given_up);
		if (!work_allowed())
			return false;
		work_spend(WORK_FRAMES);
		backing_give_up(ds, min(ds->taken, extent_end(ds, i)), true);
	}
	free_extent_blocks(ds);
	ds->extent_count = 0;
	return true;
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
static enum error take_scattered(struct dataspace *ds)
{
	while (ds->taken < ds->size) {
		if (!work_allowed())
			return ERROR_AGAIN;
		work_spend(WORK_FRAMES);
		struct extent *const e = next_extent(ds);
		uint64_t const part = e ? ranges_alloc_part(
			&physical, ds->size - ds->taken, &e->phys) : 0;
		if (!part)
			return ERROR_NO_RAM;
		e->offset = ds->taken;
		ds->taken += part;
		ds->extent_count++;
	}
	return ERROR_OK;
}

static bool take_range(struct dataspace *ds, uint64_t align)
{
	if (!ranges_alloc(&physical, ds->size, align, &ds->extent.phys))
		return false;
	ds->extent_count = 1;
	ds->taken        = ds->size;
	return true;
}

static enum error take_frames(struct dataspace *ds)
{
	uint64_t const align = ds->size >= LARGE_PAGE ? LARGE_PAGE : PAGE_SIZE;
	if (ds->extents)
		return take_scattered(ds);
	if (account_take(ds->arena->account, ds->size, 0))
		return ERROR_NO_RAM;
	ds->charged = true;
	if (take_range(ds, align) || take_range(ds, PAGE_SIZE))
		return ERROR_OK;
	if (ds->contiguous)
		return ERROR_NO_RAM;
	ds->extents = arena_alloc(ds->arena, ARENA_MAX);
	return ds->extents ? take_scattered(ds) : ERROR_NO_RAM;
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

void backing_flush(void const *memory, size_t size)
{
	char const *const bytes = memory;
	for (size_t i = 0; i < size; i += CACHE_LINE)
		__asm__ volatile ("clflush %0" :: "m"(bytes[i]) : "memory");
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
		void *const memory =
			kernel_phys(e->phys + (offset - e->offset));
		memset(memory, 0, size);
		if (ds->map_flags)
			backing_flush(memory, size);
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

/** Whether granules [first, last), multiples of 32, are all wiped */
static bool all_wiped(struct dataspace const *ds, uint64_t first, uint64_t last)
{
	uint64_t const half = bit_mask(32);
	for (; first < last; first += 32)
		if (~ds->wiped[first / 64] >> first % 64 & half)
			return false;
	return true;
}

/** Make it the large page around 'offset', if all of that is there */
static void enlarge(struct dataspace *ds, struct extent const *e,
                    uint64_t extent_stop,
                    struct dataspace_access const *access,
                    struct dataspace_part *part)
{
	uint64_t const start = align_down(access->offset, LARGE_PAGE);
	uint64_t const end   = start + LARGE_PAGE;
	if (start < max(access->low, e->offset)
	 || end > min(access->high, extent_stop)
	 || !aligned(e->phys + (start - e->offset), LARGE_PAGE))
		return;
	if (ds->wiped && !all_wiped(ds, start >> ds->granule,
	                            end >> ds->granule))
		return;
	part->start = start;
	part->end   = end;
}

struct dataspace_part backing_part(struct dataspace *ds,
                                   struct dataspace_access const *access)
{
	uint64_t const offset = access->offset;
	uint32_t const i = extent_at(ds, offset);
	struct extent const *const e = extent(ds, i);
	uint64_t const stop  = extent_end(ds, i);
	uint64_t const block = align_down(offset, PART);
	uint64_t const low   = max(access->low, block);
	uint64_t const high  = min(access->high, block + PART);
	struct dataspace_part part = {
		.start = max(low, e->offset), .end = min(high, stop),
	};
	if (ds->wiped)
		only_wiped(ds, offset, &part);
	if (access->large && part.end - part.start == PART)
		enlarge(ds, e, stop, access, &part);
	part.phys = e->phys + (part.start - e->offset);
	return part;
}

uint64_t backing_frame(struct dataspace *ds, uint64_t offset, bool *wiped)
{
	struct extent const *const e = extent(ds, extent_at(ds, offset));
	*wiped = !ds->wiped || bit_test(ds->wiped, offset >> ds->granule);
	return e->phys + (offset - e->offset);
}

/* -- life -- */

enum error backing_open(struct dataspace *ds)
{
	enum error const error = take_frames(ds);
	return error ? error : open_wiped(ds);
}

void backing_give_up(struct dataspace *ds, uint64_t end, bool free)
{
	if (free)
		free_range(ds, ds->given_up, end);
	ds->given_up = end;
}

bool backing_close(struct dataspace *ds)
{
	if (!free_extents(ds))
		return false;
	close_wiped(ds);
	if (ds->charged)
		account_give(ds->arena->account, ds->size, 0);
	ds->charged = false;
	return true;
}
