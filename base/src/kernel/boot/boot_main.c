/* SPDX-License-Identifier: MIT */
/**
 * From the first C function to the kernel proper
 *
 * Part one runs on the boot tables and the boot stack: it reads what the loader
 * left, and builds the kernel's own tables. Part two runs on those. The loader's
 * structures are not used after part one.
 */

/* Public */
#include <util/minmax.h>

/* Internal */
#include <kernel/apic.h>
#include <kernel/timer.h>

/* Local */
#include "x86/init.h"
#include "boot.h"

struct boot_info boot_info __attribute__((aligned(PAGE_SIZE)));

struct cpu *cpu_table[CPUS_MAX];
uint32_t    cpu_count;

enum { BOOT_BY_PVH, BOOT_BY_MULTIBOOT2 };

void boot_command_line(char const *text, uint64_t max)
{
	uint64_t const end = min(max, sizeof boot_info.command_line - 1);
	for (uint64_t i = 0; i < end && text[i]; i++)
		boot_info.command_line[i] = text[i];
}

static void take_module(struct boot_told const *told)
{
	if (!told->module_size)
		return;
	if (!memory_is_ram(told->module, told->module_size))
		panic("boot image: at %lx, %lu bytes, is not in RAM",
		      told->module, told->module_size);
	memory_reserve(told->module, told->module_size);
	boot_info.modules      = told->module;
	boot_info.modules_size = told->module_size;
}

/** On the kernel's tables and the boot CPU's own stack */
static void boot_main_2(void)
{
	cpu_init(cpu_table[0]);
	cpu_count = 1;
	if (boot_info.modules_size)
		module_open(boot_info.modules, boot_info.modules_size);

	acpi_read(boot_info.rsdp);
	pic_disable();
	apic_init();
	ioapic_init();
	timer_init();
	smp_start();

	boot_info.tsc_hz = timer_hz;
	boot_info.n_cpus = cpu_count;
	boot_info.n_gsi  = ioapic_gsi_count();
	boot_info.seed   = cpu_entropy();
	kernel_init();
	smp_release();
	kernel_cpu_main();
}

void boot_main(uint32_t how, uint64_t info, uint64_t tsc)
{
	console_init();
	boot_info.tsc_entry = tsc;
	cpu_features_check();

	struct boot_told told = { 0 };
	if (how == BOOT_BY_PVH)
		pvh_read(info, &told);
	else
		multiboot2_read(info, &told);
	boot_info.rsdp = told.rsdp;

	memory_settle();
	take_module(&told);
	direct_map_build();
	tlb_kernel_space(boot_root);
	struct cpu *const cpu = boot_cpu_new(cpu_own_apic_id());
	boot_switch(boot_root, cpu->stack, boot_main_2);
}
