/* SPDX-License-Identifier: MIT */
/**
 * Core's address space, as user-level program
 *
 * Core gets all RAM that is left, mapped one to one. What is kept for it before
 * is boot memory, which is never freed, as core never ends.
 */

/* Public */
#include <util/align.h>

/* Internal */
#include <base/internal/abi.h>
#include <kernel/main.h>
#include <kernel/pd.h>

/* Local */
#include "core.h"

void core_map(uint64_t virt, uint64_t phys, uint64_t size, unsigned flags)
{
	boot_map_space(&pd_core->space, &pd_core->pool, virt, phys, size, flags);
}

/** Frames that the tables of a one-to-one map of a range need at most */
static uint64_t tables_for(uint64_t size)
{
	enum { EDGES = 2, UPPER = 3, GIB_SHIFT = 30 };
	return EDGES + UPPER + (size >> GIB_SHIFT);
}

static void map_phys(uint64_t base, uint64_t size)
{
	core_map(LAYOUT_CORE_PHYS + base, base, size, KERNEL_MAP_WRITE);
}

/**
 * Map all that core may touch. From here on no boot frame may be taken, since
 * what is free is written down.
 */
static void map_ram(struct boot_info *info)
{
	uint64_t frames = tables_for(boot_info.modules_size);
	boot_info_complete();
	for (uint32_t i = 0; i < boot_info.n_ranges; i++)
		if (boot_info.ranges[i].type == BOOT_RAM)
			frames += tables_for(boot_info.ranges[i].size);
	pd_donate(pd_core, boot_frames(frames), (uint32_t)frames);

	boot_info_complete();
	for (uint32_t i = 0; i < boot_info.n_ranges; i++)
		if (boot_info.ranges[i].type == BOOT_RAM)
			map_phys(boot_info.ranges[i].base,
			         boot_info.ranges[i].size);
	map_phys(boot_info.modules, align_up(boot_info.modules_size, PAGE_SIZE));
	*info = boot_info;
}

struct core_entry core_start(void)
{
	uint64_t size;
	uint64_t const phys  = core_module(&size);
	uint64_t const entry = core_elf_map(phys, size);

	uint64_t const info  = boot_frames(1);
	uint64_t const utcb  = boot_frames(1);
	uint64_t const stack = boot_frames(LAYOUT_STACK_SIZE / PAGE_SIZE);
	_Static_assert(sizeof boot_info <= PAGE_SIZE, "a page");
	core_map(LAYOUT_CORE_INFO, info, PAGE_SIZE, 0);
	core_map(LAYOUT_CORE_UTCB, utcb, PAGE_SIZE, KERNEL_MAP_WRITE);
	core_map(LAYOUT_CORE_STACK + PAGE_SIZE, stack, LAYOUT_STACK_SIZE,
	         KERNEL_MAP_WRITE);
	map_ram(phys_pointer(info));

	return (struct core_entry) {
		.ip   = entry,
		.sp   = LAYOUT_CORE_STACK + PAGE_SIZE + LAYOUT_STACK_SIZE,
		.utcb = phys_pointer(utcb), .utcb_user = LAYOUT_CORE_UTCB,
		.info = LAYOUT_CORE_INFO,   .phys      = LAYOUT_CORE_PHYS,
	};
}
