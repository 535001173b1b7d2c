/* SPDX-License-Identifier: MIT */
/**
 * Core's protection domain and first thread, as part of the kernel's image
 *
 * Core runs in supervisor mode in the kernel's half of the address space
 * (kernel/supervisor.h): it sees physical memory through the kernel's direct
 * map, and its domain's own half stays empty.
 */

/* Internal */
#include <base/internal/abi.h>
#include <kernel/cap.h>
#include <kernel/main.h>
#include <kernel/panic.h>
#include <kernel/sched.h>

/* Local */
#include "boot/boot.h"

enum { CORE_FRAMES = 16, CORE_PRIORITY = KERNEL_PRIORITIES - 1 };

/* In the slot before the CPUs' stacks: guard page, stack */
enum { CORE_STACK_SIZE = 0x10000 };
#define CORE_STACK (KERNEL_STACK_BASE - CORE_STACK_SIZE)

/** Core's first function, the one name of it that the kernel sees */
void core_enter(struct rpc_message const *);

static cap_t name_of(struct kobject *object)
{
	cap_t name;
	uint32_t missing;
	if (cap_add(pd_core, object, RIGHT_CONTROL, NULL, &name, &missing))
		panic("core: no memory for its names");
	return name;
}

static struct ec *thread_new(struct utcb *utcb)
{
	uint32_t missing;
	struct ec *const ec = pd_object_new(pd_core, KOBJECT_EC, &missing);
	if (!ec)
		panic("core: no memory for its first thread");
	ec_init(ec, pd_core, cpu_table[0]);
	ec->priority   = CORE_PRIORITY;
	ec->level      = CORE_PRIORITY;
	ec->regs.ip    = (uint64_t)core_enter;
	ec->regs.sp    = CORE_STACK + CORE_STACK_SIZE - 8;
	ec->regs.di    = (uint64_t)utcb;
	ec->paused     = false;
	ec->utcb       = utcb;
	ec->utcb_user  = (uint64_t)utcb;
	return ec;
}

void core_start(void)
{
	if (!boot_info.modules_size)
		panic("boot image: there is none");

	boot_map(CORE_STACK, boot_frames(CORE_STACK_SIZE / PAGE_SIZE),
	         CORE_STACK_SIZE, BOOT_MAP_WRITE);
	pd_core = pd_create(boot_frames(CORE_FRAMES), CORE_FRAMES);

	struct utcb *const utcb = phys_pointer(boot_frames(1));
	struct ec *const ec = thread_new(utcb);
	utcb->message.word[CORE_START_PD]     = name_of(&pd_core->object);
	utcb->message.word[CORE_START_THREAD] = name_of(&ec->object);
	utcb->message.word[CORE_START_INFO]   = (uint64_t)&boot_info;
	utcb->message.word[CORE_START_PHYS]   = KERNEL_PHYS_BASE;
	boot_info_complete();
	sched_start(ec);
}
