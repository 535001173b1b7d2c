/* SPDX-License-Identifier: MIT */
/**
 * Page tables of a domain: map, unmap, look up, give back
 *
 * Each call is one step, bounded by the entries of one table. It looks at
 * everything first and changes nothing if it fails. An entry that is absent is
 * never cached (SDM 3A 4.10.2.3), so that only removal needs a shoot-down.
 */

/* Public */
#include <util/align.h>
#include <util/string.h>

/* Internal */
#include <base/internal/boot.h>
#include <kernel/page_table.h>
#include <kernel/pool.h>

/* Local */
#include "page_entry.h"
#include "tlb.h"

#define ENTRY_TABLE  (ENTRY_PRESENT | ENTRY_WRITE | ENTRY_USER)
/* What the CPU sets by itself */
#define ENTRY_USED   (ENTRY_ACCESSED | ENTRY_DIRTY)

static uint64_t *table_of(uint64_t entry)
{
	return phys_pointer(entry & ENTRY_PHYS);
}

static uint64_t *root_of(struct page_table const *pt)
{
	return table_of(pt->cr3);
}

void page_table_init(struct page_table *pt, uint64_t root_phys)
{
	uint64_t *const root = phys_pointer(root_phys);
	uint64_t const *const kernel = root_of(&page_table_kernel);
	memset(root, 0, PAGE_SIZE / 2);
	memcpy(root + TABLE_ENTRIES / 2, kernel + TABLE_ENTRIES / 2,
	       PAGE_SIZE / 2);
	tlb_tag_init(pt, root_phys);
}

/** Only the kernel's own space may change above the user half */
static bool range_is_valid(struct page_table const *pt, uint64_t virt,
                           uint64_t size)
{
	return size && aligned(virt | size, PAGE_SIZE) &&
	       (pt == &page_table_kernel ||
	        (size <= LAYOUT_USER_END && virt <= LAYOUT_USER_END - size));
}

static uint64_t entry_bits(struct page_table const *pt, unsigned flags)
{
	uint64_t const whose =
		pt == &page_table_kernel ? ENTRY_GLOBAL : ENTRY_USER;
	uint64_t const caching =
		flags & KERNEL_MAP_UNCACHED       ? ENTRY_PCD | ENTRY_PWT :
		flags & KERNEL_MAP_WRITE_COMBINED ? ENTRY_PWT : 0;
	return ENTRY_PRESENT | whose | caching |
	       (flags & KERNEL_MAP_WRITE ? ENTRY_WRITE : 0) |
	       (flags & KERNEL_MAP_EXEC ? 0 : ENTRY_NX);
}

/** Largest page for the start of the range */
static unsigned level_for(uint64_t virt, uint64_t phys, uint64_t size)
{
	if (size < level_size(1) || !aligned(virt | phys, level_size(1)))
		return 0;
	return cpu_features.gib_pages && size >= level_size(2) &&
	       aligned(virt | phys, level_size(2)) ? 2 : 1;
}

/** Where a walk ended: at an entry that is not a table, or at the wanted level */
struct place { uint64_t *entry; unsigned level; };

static struct place walk(struct page_table const *pt, uint64_t virt,
                         unsigned wanted)
{
	unsigned level = LEVEL_ROOT;
	uint64_t *entry = root_of(pt) + level_index(level, virt);
	while (level > wanted && entry_is_table(*entry, level)) {
		level--;
		entry = table_of(*entry) + level_index(level, virt);
	}
	return (struct place){ entry, level };
}

/** Entries from 'place' to the end of its table that [virt, + size) covers */
static unsigned covered(struct place place, uint64_t virt, uint64_t size)
{
	uint64_t const page = level_size(place.level);
	unsigned const left = TABLE_ENTRIES - level_index(place.level, virt);
	uint64_t const n    = size / page;
	return n < left ? (unsigned)n : left;
}

/** A large page is there: fine if it says the same */
static enum error same_large(struct place place, uint64_t virt, uint64_t phys,
                             uint64_t size, uint64_t bits, uint64_t *done)
{
	uint64_t const page  = level_size(place.level);
	uint64_t const inside = virt & (page - 1);
	uint64_t const wanted = (phys - inside) | bits | ENTRY_LARGE;
	if ((*place.entry & ~ENTRY_USED) != wanted)
		return ERROR_CONFLICT;
	*done = size < page - inside ? size : page - inside;
	return ERROR_OK;
}

enum error page_table_map(struct page_table *pt, struct pool *pool,
                          uint64_t virt, uint64_t phys, uint64_t size,
                          unsigned flags, uint64_t *done, unsigned *missing)
{
	uint64_t bits = entry_bits(pt, flags);
	if (!range_is_valid(pt, virt, size) || !aligned(phys, PAGE_SIZE) ||
	    phys > ENTRY_PHYS || size > ENTRY_PHYS - phys ||
	    (flags & KERNEL_MAP_WRITE && flags & KERNEL_MAP_EXEC))
		return ERROR_INVALID;

	/* a table that is already there keeps small pages */
	unsigned wanted = level_for(virt, phys, size);
	struct place place = walk(pt, virt, wanted);
	while (entry_is_table(*place.entry, place.level)) {
		wanted--;
		place = walk(pt, virt, wanted);
	}
	if (place.level > wanted && *place.entry)
		return same_large(place, virt, phys, size, bits, done);

	unsigned const tables = place.level - wanted;
	if (tables > pool->free) {
		*missing = tables - pool->free;
		return ERROR_KERNEL_RAM;
	}
	if (wanted)
		bits |= ENTRY_LARGE;

	/* below a new table nothing can be in conflict */
	uint64_t const page = level_size(wanted);
	struct place const last = { place.entry, wanted };
	unsigned n = covered(last, virt, size);
	if (!tables)
		for (unsigned i = 0; i < n; i++) {
			uint64_t const is = place.entry[i] & ~ENTRY_USED;
			if (entry_is_table(is, wanted)) {
				n = i;        /* the next step goes below */
				break;
			}
			if (is && is != ((phys + i * page) | bits))
				return ERROR_CONFLICT;
		}

	for (; place.level > wanted; place.level--) {
		void *const table = pool_take(pool);
		*place.entry = pointer_phys(table) | ENTRY_TABLE;
		place.entry = (uint64_t *)table +
		              level_index(place.level - 1, virt);
	}
	for (unsigned i = 0; i < n; i++)
		if (!place.entry[i])
			place.entry[i] = (phys + i * page) | bits;
	*done = n * page;
	return ERROR_OK;
}

enum error page_table_unmap(struct page_table *pt, struct pool *pool,
                            uint64_t virt, uint64_t size, uint64_t *done)
{
	if (!range_is_valid(pt, virt, size))
		return ERROR_INVALID;

	struct place place = walk(pt, virt, 0);
	uint64_t const page = level_size(place.level);
	uint64_t const rest = page - (virt & (page - 1));
	if (!*place.entry || rest < page || size < page) {
		if (*place.entry) {
			*place.entry = 0;
			tlb_shoot(pt);
		}
		*done = size < rest ? size : rest;
		return ERROR_OK;
	}

	unsigned const n = covered(place, virt, size);
	unsigned cleared = 0;
	for (; cleared < n; cleared++) {
		if (entry_is_table(place.entry[cleared], place.level))
			break;
		place.entry[cleared] = 0;
	}
	void *table = NULL;
	if (cleared == TABLE_ENTRIES) {
		table = place.entry;
		*walk(pt, virt, place.level + 1).entry = 0;
	}
	tlb_shoot(pt);
	if (table)
		pool_give(pool, table);
	*done = cleared * page;
	return ERROR_OK;
}
