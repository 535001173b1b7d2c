/* SPDX-License-Identifier: MIT */
/** Boot image: checks, search */

/* public */
#include <util/bits.h>
#include <util/string.h>

/* local */
#include "memory/archive.h"
#include "memory/range.h"

struct header {
	char     magic[8];
	uint32_t version;
	uint32_t entries;
	uint64_t total_size;
	uint64_t header_sum;
	uint64_t pad[4];
};
_Static_assert(sizeof(struct header) == 64, "format");

static uint64_t add(uint64_t sum, uint64_t word)
{
	return (sum << 5 | sum >> 59) ^ word;
}

uint64_t archive_sum(void const *data, uint64_t size, uint64_t start)
{
	uint64_t const *const words = data;
	uint64_t sum = start, last = 0;
	for (uint64_t i = 0; i < size / 8; i++)
		sum = add(sum, words[i]);
	if (size % 8) {
		memcpy(&last, words + size / 8, size % 8);
		sum = add(sum, last);
	}
	return sum;
}

static bool sane(struct archive_entry const *entry, uint64_t total)
{
	return entry->offset % PAGE_SIZE == 0 && entry->offset <= total
	    && entry->size <= total - entry->offset
	    && entry->name[0] && !entry->name[ARCHIVE_NAME - 1];
}

enum error archive_open(struct archive *archive, void const *data, size_t size)
{
	struct header const *const header = data;
	*archive = (struct archive) { .data = data };

	if (size < sizeof *header || memcmp(header->magic, "ASHLARBI", 8)
	 || header->version != 1 || header->entries > ARCHIVE_ENTRIES
	 || header->total_size > size || header->total_size < sizeof *header)
		return ERROR_CORRUPT;

	struct archive_entry const *const entries = (void const *)(header + 1);
	uint64_t const bytes = header->entries * sizeof *entries;
	if (bytes > header->total_size - sizeof *header
	 || archive_sum(entries, bytes, header->entries) != header->header_sum)
		return ERROR_CORRUPT;
	for (uint32_t i = 0; i < header->entries; i++)
		if (!sane(&entries[i], header->total_size))
			return ERROR_CORRUPT;

	archive->entries = entries;
	archive->count   = header->entries;
	archive->size    = header->total_size;
	return ERROR_OK;
}

/** Check the sum of entry 'i', once */
static enum error checked(struct archive *archive, uint32_t i)
{
	struct archive_entry const *const entry = &archive->entries[i];
	if (!bit_test(archive->good, i) && !bit_test(archive->bad, i)) {
		uint64_t const sum = archive_sum(archive->data + entry->offset,
		                                 entry->size, entry->size);
		bit_set(sum == entry->sum ? archive->good : archive->bad, i);
	}
	return bit_test(archive->good, i) ? ERROR_OK : ERROR_CORRUPT;
}

enum error archive_find(struct archive *archive, char const *name,
                        struct archive_entry const **entry)
{
	for (uint32_t i = 0; i < archive->count; i++) {
		*entry = &archive->entries[i];
		if (string_equal((*entry)->name, name))
			return checked(archive, i);
	}
	return ERROR_NOT_FOUND;
}
