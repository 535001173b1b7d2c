/* SPDX-License-Identifier: MIT */
/**
 * The kernel's half of all address spaces
 *
 * Direct map of RAM without the kernel's own image, so that no text is writable
 * by another address; the image with each segment's rights; stacks and device
 * registers on demand. Tables are boot frames, below 4 GiB. Nothing changes
 * after boot but the entries of the window.
 */

/* Public */
#include <util/align.h>
#include <util/minmax.h>

/* Local */
#include "x86/page_entry.h"
#include "boot.h"

#define WINDOW_BASE     (KERNEL_MMIO_BASE + 0x200000)
#define WINDOW_SIZE     0x100000UL

uint64_t boot_root;

extern char boot_image_start[], kernel_image_end[];
extern char kernel_text_start[], kernel_text_end[];
extern char kernel_rodata_start[], kernel_rodata_end[];
extern char kernel_data_start[], kernel_data_end[];

/** Entry for 'virt' at 'level' (0: 4 KiB pages); makes tables above it */
static uint64_t *entry_at(uint64_t virt, unsigned level)
{
	uint64_t table = boot_root;
	for (unsigned l = LEVEL_ROOT;; l--) {
		uint64_t *const entry = (uint64_t *)phys_pointer(table) +
		                        level_index(l, virt);
		if (l == level)
			return entry;
		if (!*entry)
			*entry = boot_frames(1) | ENTRY_PRESENT | ENTRY_WRITE;
		table = *entry & ENTRY_PHYS;
	}
}

static unsigned level_for(uint64_t virt, uint64_t phys, uint64_t size)
{
	for (unsigned level = cpu_features.gib_pages ? 2 : 1; level; level--) {
		uint64_t const page = level_size(level);
		if (size >= page && aligned(virt | phys, page))
			return level;
	}
	return 0;
}

void boot_map(uint64_t virt, uint64_t phys, uint64_t size, enum boot_map flags)
{
	uint64_t const bits = ENTRY_PRESENT | ENTRY_GLOBAL |
	                      (flags & BOOT_MAP_WRITE ? ENTRY_WRITE : 0) |
	                      (flags & BOOT_MAP_EXEC ? 0 : ENTRY_NX) |
	                      (flags & BOOT_MAP_UNCACHED ? ENTRY_PCD | ENTRY_PWT : 0);
	while (size) {
		unsigned const level = level_for(virt, phys, size);
		uint64_t const page  = level_size(level);
		*entry_at(virt, level) = phys | bits | (level ? ENTRY_LARGE : 0);
		virt += page;
		phys += page;
		size -= page;
	}
}

static void map_ram(uint64_t base, uint64_t end)
{
	if (base < end)
		boot_map(KERNEL_PHYS_BASE + base, base, end - base,
		         BOOT_MAP_WRITE);
}

static void map_range(uint64_t base, uint64_t size)
{
	uint64_t const end = base + size;
	map_ram(base, min(end, (uint64_t)boot_image_start));
	map_ram(max(base, (uint64_t)kernel_image_end), end);
}

static void map_image(char const *start, char const *end, enum boot_map flags)
{
	boot_map((uint64_t)start, image_phys(start), (uint64_t)(end - start),
	         flags);
}

void direct_map_build(void)
{
	boot_root = boot_frames(1);
	memory_each(map_range);
	map_image(kernel_text_start, kernel_text_end, BOOT_MAP_EXEC);
	map_image(kernel_rodata_start, kernel_rodata_end, BOOT_MAP_READ);
	map_image(kernel_data_start, kernel_data_end, BOOT_MAP_WRITE);

	/* so that all entries of the root exist before a domain copies them */
	entry_at(WINDOW_BASE, 0);
	entry_at(KERNEL_STACK_BASE, 0);
}

void const *boot_window(uint64_t phys, uint64_t size)
{
	uint64_t const base = align_down(phys, PAGE_SIZE);
	uint64_t const end  = align_up(phys + size, PAGE_SIZE);
	if (phys + size < phys || end - base > WINDOW_SIZE ||
	    end > KERNEL_PHYS_END - KERNEL_PHYS_BASE || !size)
		return NULL;

	for (uint64_t at = base; at < end; at += PAGE_SIZE) {
		uint64_t const virt = WINDOW_BASE + (at - base);
		*entry_at(virt, 0) = at | ENTRY_PRESENT | ENTRY_NX;
		__asm__ volatile ("invlpg (%0)" :: "r" (virt) : "memory");
	}
	return (void const *)(WINDOW_BASE + (phys - base));
}
