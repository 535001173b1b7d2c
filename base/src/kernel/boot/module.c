/* SPDX-License-Identifier: MIT */
/**
 * The boot image: one archive of page-aligned entries in RAM
 *
 * Header and table are checked when it is opened, an entry's sum when it is
 * asked for. The archive's memory is not free RAM; core decides about it.
 */

/* Public */
#include <util/align.h>
#include <util/string.h>

/* Local */
#include "boot.h"

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

static struct archive_header const *header;
static struct archive_entry  const *entries;

/** 'size' bytes, padded with zeros to whole words */
static uint64_t sum_of(uint64_t sum, void const *from, uint64_t size)
{
	uint64_t const *word = from;
	for (; size >= 8; size -= 8)
		sum = (sum << 5 | sum >> 59) ^ *word++;
	if (size) {
		uint64_t last = 0;
		memcpy(&last, word, size);
		sum = (sum << 5 | sum >> 59) ^ last;
	}
	return sum;
}

static void check_entry(struct archive_entry const *entry)
{
	if (!memchr(entry->name, 0, sizeof entry->name) || !entry->name[0])
		panic("boot image: entry without a proper name");
	if (!aligned(entry->offset, PAGE_SIZE) ||
	    entry->offset > header->total_size ||
	    entry->size > header->total_size - entry->offset)
		panic("boot image: %s lies outside", entry->name);
}

void module_open(uint64_t phys, uint64_t size)
{
	if (!aligned(phys, PAGE_SIZE))
		panic("boot image: not page-aligned at %lx", phys);

	header = phys_pointer(phys);
	if (size < sizeof *header ||
	    memcmp(header->magic, "ASHLARBI", sizeof header->magic) != 0)
		panic("boot image: the boot module is not one");
	if (header->version != 1)
		panic("boot image: version %u, known is 1", header->version);
	if (header->total_size > size)
		panic("boot image: truncated, %lu of %lu bytes", size,
		      header->total_size);

	uint64_t const table = header->entries * sizeof *entries;
	if (header->total_size < sizeof *header ||
	    table > header->total_size - sizeof *header)
		panic("boot image: %u entries do not fit", header->entries);
	entries = (void const *)(header + 1);
	if (sum_of(header->entries, entries, table) != header->header_sum)
		panic("boot image: corrupt, wrong sum of its table");

	for (uint32_t i = 0; i < header->entries; i++)
		check_entry(&entries[i]);
}

bool boot_core(uint64_t *phys, uint64_t *size)
{
	for (uint32_t i = 0; header && i < header->entries; i++) {
		struct archive_entry const *entry = &entries[i];
		if (memcmp(entry->name, "core", sizeof "core") != 0)
			continue;
		void const *from = (char const *)header + entry->offset;
		if (sum_of(entry->size, from, entry->size) != entry->sum)
			panic("boot image: corrupt, wrong sum of core");
		*phys = pointer_phys(from);
		*size = entry->size;
		return true;
	}
	return false;
}
