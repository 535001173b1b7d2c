/* SPDX-License-Identifier: MIT */
/**
 * The kernel's half of all address spaces
 *
 * Direct map of RAM without the kernel's own image, so that no text is writable
 * by another address; the image with each segment's rights; stacks and device
 * registers on demand. Tables are boot frames, below 4 GiB. Nothing changes
 * once the first domain has copied the entries of the root.
 */

/* Public */
#include <util/minmax.h>

/* Internal */
#include <kernel/page_table.h>
#include <kernel/pool.h>

/* Local */
#include "boot.h"

static struct pool pool;

extern char boot_image_start[], kernel_image_end[];
extern char kernel_text_start[], kernel_text_end[];
extern char kernel_rodata_start[], kernel_rodata_end[];
extern char kernel_data_start[], kernel_data_end[];

void boot_map_space(struct page_table *space, struct pool *tables,
                    uint64_t virt, uint64_t phys, uint64_t size,
                    unsigned flags)
{
	while (size) {
		uint64_t done = 0;
		unsigned missing = 0;
		enum error const error =
			page_table_map(space, tables, virt, phys, size, flags,
			               &done, &missing);
		if (error && error != ERROR_KERNEL_RAM)
			panic("cannot map %lx to %lx: error %u", virt, phys,
			      error);
		while (missing--)
			pool_donate(tables, phys_pointer(boot_frames(1)));
		virt += done;
		phys += done;
		size -= done;
	}
}

void boot_map(uint64_t virt, uint64_t phys, uint64_t size, unsigned flags)
{
	boot_map_space(&page_table_kernel, &pool, virt, phys, size, flags);
}

static void map_ram(uint64_t base, uint64_t end)
{
	if (base < end)
		boot_map(KERNEL_PHYS_BASE + base, base, end - base,
		         KERNEL_MAP_WRITE);
}

static void map_range(uint64_t base, uint64_t end)
{
	map_ram(base, min(end, (uint64_t)boot_image_start));
	map_ram(max(base, (uint64_t)kernel_image_end), end);
}

static void map_image(char const *start, char const *end, unsigned flags)
{
	boot_map((uint64_t)start, image_phys(start), (uint64_t)(end - start),
	         flags);
}

void direct_map_build(void)
{
	page_table_kernel.cr3 = boot_frames(1);
	memory_each(map_range);
	map_image(kernel_text_start, kernel_text_end, KERNEL_MAP_EXEC);
	map_image(kernel_rodata_start, kernel_rodata_end, 0);
	map_image(kernel_data_start, kernel_data_end, KERNEL_MAP_WRITE);
}
