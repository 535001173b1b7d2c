/* SPDX-License-Identifier: MIT */
/**
 * Entries of page tables: SDM 3A tables 4-15 … 4-20
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ENTRY_PRESENT   0x001UL
#define ENTRY_WRITE     0x002UL
#define ENTRY_USER      0x004UL
#define ENTRY_PWT       0x008UL              /* PAT entry 1: combining */
#define ENTRY_PCD       0x010UL              /* with PWT, entry 3: uncached */
#define ENTRY_ACCESSED  0x020UL
#define ENTRY_DIRTY     0x040UL
#define ENTRY_LARGE     0x080UL
#define ENTRY_GLOBAL    0x100UL
#define ENTRY_NX        (1UL << 63)
#define ENTRY_PHYS      0x000ffffffffff000UL

enum { TABLE_ENTRIES = 512, LEVEL_ROOT = 3 };

/** Bytes that an entry at 'level' covers; 0: a 4 KiB page */
static inline uint64_t level_size(unsigned level)
{
	return 1UL << (12 + 9 * level);
}

static inline unsigned level_index(unsigned level, uint64_t virt)
{
	return (unsigned)(virt >> (12 + 9 * level)) % TABLE_ENTRIES;
}

static inline bool entry_is_table(uint64_t entry, unsigned level)
{
	return level && (entry & (ENTRY_PRESENT | ENTRY_LARGE)) == ENTRY_PRESENT;
}
