/* SPDX-License-Identifier: MIT */
/**
 * Boot image: the archive that holds all boot modules (doc/boot_image.md)
 *
 * Nothing in it is trusted: offsets, sizes, names and sums are checked before
 * use. The header is checked once, an entry when it is used for the first time.
 */
#pragma once

#include <base/error.h>
#include <stddef.h>
#include <stdint.h>

enum { ARCHIVE_NAME = 48 };

struct archive_entry {
	char     name[ARCHIVE_NAME];    /* padded with NULs */
	uint64_t offset;                /* from the archive's start, page-aligned */
	uint64_t size;
	uint64_t sum;
	uint64_t zero;
};
_Static_assert(sizeof(struct archive_entry) == 80, "format");

/** A checked archive; zeroed memory is one without entries */
struct archive {
	struct archive_entry const *entries;
	char const                 *data;
	uint64_t                    size;
	uint32_t                    count;
	uint64_t                    good[4], bad[4];  /* sums of the first 256 */
};

enum { ARCHIVE_ENTRIES = 256 };

/**
 * Check the header of the archive in 'data'
 *
 * CORRUPT: not an archive, another version, more than ARCHIVE_ENTRIES, sum
 * wrong, or an entry lies outside; 'archive' is empty then.
 */
enum error archive_open(struct archive *archive, void const *data,
                        size_t size) MUST_USE;

/** Find an entry and check its sum. Returns NOT_FOUND, CORRUPT */
enum error archive_find(struct archive *archive, char const *name,
                        struct archive_entry const **entry) MUST_USE;

/** Sum over 64-bit words of 'data', padded with zeros, from 'start' */
uint64_t archive_sum(void const *data, uint64_t size, uint64_t start);
