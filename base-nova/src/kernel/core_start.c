/* SPDX-License-Identifier: MIT */
/**
 * Core's protection domain and first thread, as user-level program
 *
 * Core gets all RAM that is left, mapped one to one. What is kept for it before
 * is boot memory, which is never freed, as core never ends.
 */

/* Public */
#include <util/align.h>

/* Internal */
#include <base/internal/abi.h>
#include <kernel/cap.h>
#include <kernel/main.h>
#include <kernel/panic.h>
#include <kernel/sched.h>

/* Local */
#include "core_elf.h"

enum { CORE_FRAMES = 16, CORE_PRIORITY = KERNEL_PRIORITIES - 1 };

void core_map(uint64_t virt, uint64_t phys, uint64_t size, unsigned flags)
{
	while (size) {
		uint64_t done = 0;
		unsigned missing = 0;
		enum error const error =
			page_table_map(&pd_core->space, &pd_core->pool, virt,
			               phys, size, flags, &done, &missing);
		if (error == ERROR_KERNEL_RAM) {
			pd_donate(pd_core, boot_frames(missing), missing);
			continue;
		}
		if (error)
			panic("core: cannot map %lx to %lx: error %u", virt,
			      phys, error);
		virt += done;
		phys += done;
		size -= done;
	}
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

static cap_t name_of(struct kobject *object)
{
	cap_t name;
	uint32_t missing;
	if (cap_add(pd_core, object, RIGHT_CONTROL, NULL, &name, &missing))
		panic("core: no memory for its names");
	return name;
}

static struct ec *thread_new(uint64_t ip, struct utcb *utcb)
{
	uint32_t missing;
	struct ec *const ec = pd_object_new(pd_core, KOBJECT_EC, &missing);
	if (!ec)
		panic("core: no memory for its first thread");
	ec_init(ec, pd_core, cpu_table[0]);
	ec->priority   = CORE_PRIORITY;
	ec->level      = CORE_PRIORITY;
	ec->regs.ip    = ip;
	ec->regs.sp    = LAYOUT_CORE_STACK + PAGE_SIZE + LAYOUT_STACK_SIZE;
	ec->regs.di    = LAYOUT_CORE_UTCB;
	ec->paused     = false;
	ec->utcb       = utcb;
	ec->utcb_user  = LAYOUT_CORE_UTCB;
	return ec;
}

void core_start(void)
{
	uint64_t phys, size;
	if (!boot_info.modules_size)
		panic("boot image: there is none");
	if (!boot_core(&phys, &size))
		panic("boot image: it has no core");

	pd_core = pd_create(boot_frames(CORE_FRAMES), CORE_FRAMES);
	uint64_t const entry = core_elf_map(phys, size);

	uint64_t const info  = boot_frames(1);
	uint64_t const utcb  = boot_frames(1);
	uint64_t const stack = boot_frames(LAYOUT_STACK_SIZE / PAGE_SIZE);
	_Static_assert(sizeof boot_info <= PAGE_SIZE, "a page");
	core_map(LAYOUT_CORE_INFO, info, PAGE_SIZE, 0);
	core_map(LAYOUT_CORE_UTCB, utcb, PAGE_SIZE, KERNEL_MAP_WRITE);
	core_map(LAYOUT_CORE_STACK + PAGE_SIZE, stack, LAYOUT_STACK_SIZE,
	         KERNEL_MAP_WRITE);

	struct utcb *const message = phys_pointer(utcb);
	struct ec *const ec = thread_new(entry, message);
	message->message.word[CORE_START_PD]     = name_of(&pd_core->object);
	message->message.word[CORE_START_THREAD] = name_of(&ec->object);
	message->message.word[CORE_START_INFO]   = LAYOUT_CORE_INFO;
	message->message.word[CORE_START_PHYS]   = LAYOUT_CORE_PHYS;
	map_ram(phys_pointer(info));
	sched_start(ec);
}
