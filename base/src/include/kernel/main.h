/* SPDX-License-Identifier: MIT */
/**
 * Between boot code and kernel
 *
 * boot_main (x86, on the boot CPU) brings up console, memory, direct map, ACPI,
 * APICs, and all CPUs; then
 *   CPU 0:  kernel_init(); let others go; kernel_cpu_main()
 *   others: wait; kernel_cpu_main()
 * Interrupts are off, and stay off until the first return to user mode or halt.
 */
#pragma once

#include <base/internal/boot.h>
#include <core/control.h>
#include <kernel/cpu.h>

/* -- provided by owner 'kernel' -- */

/** Make objects and core. cpu_table is complete */
void kernel_init(void);

/** Schedule on this CPU */
_Noreturn void kernel_cpu_main(void);

/** SYSCALL lands here */
extern char const entry_syscall[];

/** 256 stubs of 16 bytes each, one a vector (the IDT points to them) */
extern char const entry_stubs[];

/* -- provided by boot, while kernel_init runs -- */

/** Zeroed, physically contiguous frames for ever; panics if there are none */
uint64_t boot_frames(uint64_t count);

/** Map in the kernel's half; flags: enum kernel_map_flags. Panics if it cannot */
void boot_map(uint64_t virt, uint64_t phys, uint64_t size, unsigned flags);

/** Same in any space, whose tables are taken from a pool that grows as it must */
struct page_table;
struct pool;
void boot_map_space(struct page_table *, struct pool *, uint64_t virt,
                    uint64_t phys, uint64_t size, unsigned flags);

/** What core is told. Its RAM ranges are right after boot_info_complete() */
extern struct boot_info boot_info;
void boot_info_complete(void);

/* -- provided by each kernel: the end of kernel_init -- */

/** How core's first thread begins: addresses as core sees them, but 'utcb' */
struct core_entry {
	uint64_t     ip, sp, utcb_user, info, phys;
	struct utcb *utcb;
};

/** Make core's program ready to run in its domain; panics if it cannot */
struct core_entry core_start(void);
