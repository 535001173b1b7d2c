/* SPDX-License-Identifier: MIT */
/**
 * Core's file in the boot image, an archive of page-aligned entries in RAM
 *
 * The table's sum and that of core are checked here; all else is core's task,
 * which decides about the archive's memory, too.
 */

/* Public */
#include <util/align.h>
#include <util/string.h>

/* Internal */
#include <kernel/main.h>
#include <kernel/panic.h>

/* Local */
#include "core.h"

struct archive_header {
	char     magic[8];
	uint32_t version, entries;
	uint64_t total_size;
	uint64_t header_sum;
	uint64_t pad[4];
};

struct archive_entry {
	char     name[48];
	uint64_t offset, size, sum, zero;
};

_Static_assert(sizeof(struct archive_header) == 64, "format");
_Static_assert(sizeof(struct archive_entry) == 80, "format");

/** 'size' bytes, padded with zeros to whole words */
static uint64_t sum_of(uint64_t sum, void const *from, uint64_t size)
{
	uint64_t const *word = from;
	uint64_t last = 0;
	for (; size >= 8; size -= 8)
		sum = (sum << 5 | sum >> 59) ^ *word++;
	memcpy(&last, word, size);
	return size ? (sum << 5 | sum >> 59) ^ last : sum;
}

static struct archive_entry const *entry_find(struct archive_header const *h)
{
	struct archive_entry const *const entries = (void const *)(h + 1);
	uint64_t const table = h->entries * sizeof *entries;
	if (h->total_size < sizeof *h || table > h->total_size - sizeof *h)
		panic("boot image: %u entries do not fit", h->entries);
	if (sum_of(h->entries, entries, table) != h->header_sum)
		panic("boot image: corrupt, wrong sum of its table");

	for (uint32_t i = 0; i < h->entries; i++)
		if (memcmp(entries[i].name, "core", sizeof "core") == 0)
			return &entries[i];
	panic("boot image: it has no core");
}

uint64_t core_module(uint64_t *size)
{
	struct archive_header const *const h = phys_pointer(boot_info.modules);
	if (!aligned(boot_info.modules, PAGE_SIZE) ||
	    boot_info.modules_size < sizeof *h ||
	    memcmp(h->magic, "ASHLARBI", sizeof h->magic) != 0)
		panic("boot image: the boot module is not one");
	if (h->version != 1)
		panic("boot image: version %u, known is 1", h->version);
	if (h->total_size > boot_info.modules_size)
		panic("boot image: truncated, %lu of %lu bytes",
		      boot_info.modules_size, h->total_size);

	struct archive_entry const *const core = entry_find(h);
	if (!aligned(core->offset, PAGE_SIZE) || core->offset > h->total_size ||
	    core->size > h->total_size - core->offset)
		panic("boot image: core lies outside");
	uint64_t const phys = boot_info.modules + core->offset;
	if (sum_of(core->size, phys_pointer(phys), core->size) != core->sum)
		panic("boot image: corrupt, wrong sum of core");
	*size = core->size;
	return phys;
}
