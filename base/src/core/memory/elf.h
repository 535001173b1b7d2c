/* SPDX-License-Identifier: MIT */
/**
 * Check of the one ELF file that core maps: 'ld', linked at a fixed address
 */
#pragma once

#include <base/error.h>
#include <stddef.h>
#include <stdint.h>

enum { ELF_SEGMENTS = 8, ELF_WRITE = 1, ELF_EXEC = 2 };

/** Loadable segment; page-aligned but for the sizes */
struct elf_segment {
	uint64_t virt, offset;
	uint64_t file_size, memory_size;
	unsigned flags;
};

struct elf_image {
	uint64_t           entry;
	unsigned           count;
	struct elf_segment segment[ELF_SEGMENTS];
};

/**
 * Check a static executable for x86-64 and list its segments
 *
 * CORRUPT: damaged, truncated; a segment is outside [low, high), unaligned, both
 * writable and executable, or overlaps another; read-only memory beyond the
 * file; the entry point is not in executable memory.
 */
enum error elf_check(struct elf_image *image, void const *data, size_t size,
                     uint64_t low, uint64_t high) MUST_USE;
