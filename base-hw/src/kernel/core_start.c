/* SPDX-License-Identifier: MIT */
/**
 * Core as part of the kernel's image
 *
 * Core runs in supervisor mode in the kernel's half of the address space
 * (kernel/supervisor.h): it sees physical memory through the kernel's direct
 * map, and its domain's own half stays empty.
 */

/* Internal */
#include <base/internal/abi.h>
#include <kernel/main.h>

/* Behind the slots of the CPUs' stacks: guard page, stack */
enum { CORE_STACK_SIZE = 0x10000 };
#define CORE_STACK (KERNEL_STACK_BASE + 0x40000000 + PAGE_SIZE)

/** Core's first function, the one name of it that the kernel sees */
void core_enter(struct rpc_message const *);

struct core_entry core_start(void)
{
	boot_map(CORE_STACK, boot_frames(CORE_STACK_SIZE / PAGE_SIZE),
	         CORE_STACK_SIZE, KERNEL_MAP_WRITE);
	struct utcb *const utcb = phys_pointer(boot_frames(1));
	boot_info_complete();
	return (struct core_entry) {
		.ip   = (uint64_t)core_enter,
		.sp   = CORE_STACK + CORE_STACK_SIZE - 8,
		.utcb = utcb, .utcb_user = (uint64_t)utcb,
		.info = (uint64_t)&boot_info, .phys = KERNEL_PHYS_BASE,
	};
}
