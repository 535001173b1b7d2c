/* SPDX-License-Identifier: MIT */
/**
 * From the first C function to the kernel proper
 *
 * Part one runs on the boot tables and the boot stack: it reads what the loader
 * and firmware left, and builds the kernel's own tables. Part two runs on those,
 * without looking back.
 */

/* Public */
#include <util/align.h>

/* Internal */
#include <kernel/apic.h>
#include <kernel/page_table.h>
#include <kernel/timer.h>

/* Local */
#include "x86/init.h"
#include "boot.h"

struct boot_info boot_info __attribute__((aligned(PAGE_SIZE)));

extern char boot_image_start[], kernel_image_end[];

enum { BOOT_BY_PVH, BOOT_BY_MULTIBOOT2 };

static void take_module(uint64_t base, uint64_t size)
{
	if (!size)
		return;
	if (!memory_is_ram(base, size) || base < PAGE_SIZE ||
	    (base < (uint64_t)kernel_image_end &&
	     base + size > (uint64_t)boot_image_start))
		panic("boot image: at %lx, %lu bytes, is not in RAM of its own",
		      base, size);
	memory_mark(align_down(base, PAGE_SIZE), align_up(base + size, PAGE_SIZE),
	            MEMORY_MODULES);
}

/** What firmware must have as RAM, and real mode's interrupt table, BIOS data */
static void take_own(void)
{
	uint64_t const image = (uint64_t)boot_image_start;
	uint64_t const end   = (uint64_t)kernel_image_end;
	if (!memory_is_ram(image, end - image))
		panic("no RAM where the kernel is, at %lx to %lx", image, end);
	memory_mark(image, end, MEMORY_KERNEL);
	memory_mark(0, PAGE_SIZE, MEMORY_KERNEL);
}

/** On the kernel's tables and the boot CPU's own stack */
static void boot_main_2(void)
{
	cpu_init(cpu_table[0]);
	pic_disable();
	apic_init();
	ioapic_init();
	timer_init();
	smp_start();

	boot_info.tsc_hz = timer_hz;
	boot_info.n_cpus = cpu_count;
	boot_info.n_gsi  = ioapic_gsi_count();
	kernel_init();
	smp_release();
	kernel_cpu_main();
}

void boot_main(uint32_t how, uint64_t info, uint64_t tsc)
{
	console_init();
	boot_info.tsc_entry = tsc;
	cpu_features_check();

	acpi_read(how == BOOT_BY_PVH ? pvh_read(info) : multiboot2_read(info));
	take_own();
	take_module(boot_info.modules, boot_info.modules_size);
	direct_map_build();
	struct cpu *const cpu = boot_cpu_new();
	cpu->apic_id = cpu_own_apic_id();
	boot_switch(page_table_kernel.cr3, cpu->stack, boot_main_2);
}
