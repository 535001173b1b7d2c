/* SPDX-License-Identifier: MIT */
/**
 * Data of each CPU, and the start of the others
 *
 * They are started one after the other: each takes the data that lies ready
 * (start.S), initialises itself, aligns its clock and waits for smp_release(). The
 * waits are those of SDM 3A 9.4.4 (10 ms after INIT, 200 us between start-up
 * interrupts), and as long as an overloaded emulator may need at last.
 */

/* Public */
#include <util/string.h>

/* Internal */
#include <kernel/apic.h>
#include <kernel/timer.h>

/* Local */
#include "x86/init.h"
#include "boot.h"

/* Stacks of one CPU: page numbers in its slot; those between are not mapped */
enum { SLOT_SIZE = 0x10000, PAGE_DOUBLE_FAULT = 1, PAGE_NMI = 3,
       PAGE_MACHINE_CHECK = 5, PAGE_STACK = 7,
       PAGES_STACK = KERNEL_STACK_SIZE / PAGE_SIZE };

enum { WAIT_INIT_US = 10000, WAIT_START_UP_US = 200, WAIT_ONLINE_US = 2000000 };

struct cpu *cpu_table[CPUS_MAX];
uint32_t    cpu_count = 1;

/** Data of the next CPU that comes, NULL: none shall; atomic */
struct cpu *boot_next;

static uint32_t made;
static bool     released;

extern char const trampoline_start[], trampoline_end[];

/** Map a stack; its top */
static uint64_t stack_new(struct cpu const *cpu, unsigned page, unsigned pages)
{
	uint64_t const size = pages * PAGE_SIZE;
	uint64_t const base = KERNEL_STACK_BASE +
	                      cpu->id * (uint64_t)SLOT_SIZE + page * PAGE_SIZE;
	boot_map(base, boot_frames(pages), size, KERNEL_MAP_WRITE);
	return base + size;
}

struct cpu *boot_cpu_new(void)
{
	struct cpu *const cpu = phys_pointer(boot_frames(
		(sizeof *cpu + PAGE_SIZE - 1) / PAGE_SIZE));
	cpu->self  = cpu;
	cpu->id    = made;
	cpu->stack = stack_new(cpu, PAGE_STACK, PAGES_STACK);
	cpu->tss.sp[0] = cpu->stack;
	cpu->tss.ist[IST_DOUBLE_FAULT - 1] = stack_new(cpu, PAGE_DOUBLE_FAULT, 1);
	cpu->tss.ist[IST_NMI - 1] = stack_new(cpu, PAGE_NMI, 1);
	cpu->tss.ist[IST_MACHINE_CHECK - 1] =
		stack_new(cpu, PAGE_MACHINE_CHECK, 1);
	cpu_table[made++] = cpu;
	return cpu;
}

void boot_ap_main(struct cpu *cpu)
{
	cpu->apic_id = cpu_own_apic_id();
	cpu_init(cpu);
	apic_init_cpu();
	clock_align(cpu->apic_id);
	__atomic_fetch_add(&cpu_count, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&released, __ATOMIC_ACQUIRE))
		cpu_pause();
	kernel_cpu_main();
}

void smp_release(void)
{
	__atomic_store_n(&released, true, __ATOMIC_RELEASE);
}

/** Wait until all for whom there is data are online */
static bool wait_online(uint64_t microseconds)
{
	uint64_t const end = cpu_tsc() + timer_hz / 1000000 * microseconds;
	while (__atomic_load_n(&cpu_count, __ATOMIC_ACQUIRE) < made) {
		if (cpu_tsc() >= end)
			return false;
		clock_answer();
		cpu_pause();
	}
	return true;
}

/** Data that the last CPU did not take, since it did not start, is left */
static void start(uint32_t apic_id, uint64_t page)
{
	if (!__atomic_load_n(&boot_next, __ATOMIC_ACQUIRE)) {
		struct cpu *const cpu = boot_cpu_new();
		__atomic_store_n(&boot_next, cpu, __ATOMIC_RELEASE);
	}
	apic_start_up(apic_id, (uint8_t)(page >> PAGE_SHIFT));
	if (wait_online(WAIT_START_UP_US))
		return;
	apic_start_up(apic_id, (uint8_t)(page >> PAGE_SHIFT));
	if (!wait_online(WAIT_ONLINE_US))
		console_print("cpu: APIC id %u does not start\n", apic_id);
}

void smp_start(void)
{
	uint32_t const own = cpu_table[0]->apic_id;
	if (acpi_cpu_count < 2)
		return;

	uint64_t const page = memory_take(PAGE_SIZE, PAGE_SIZE, MIB);
	if (!page)
		panic("no RAM below 1 MiB to start other CPUs from");
	memcpy(phys_pointer(page), trampoline_start,
	       (size_t)(trampoline_end - trampoline_start));

	for (uint32_t i = 0; i < acpi_cpu_count; i++)
		if (acpi_cpu[i] != own)
			apic_init_assert(acpi_cpu[i]);
	timer_wait(WAIT_INIT_US);
	for (uint32_t i = 0; i < acpi_cpu_count && made < CPUS_MAX; i++)
		if (acpi_cpu[i] != own)
			start(acpi_cpu[i], page);

	/* who comes now finds nothing; who came late is waited for */
	if (__atomic_exchange_n(&boot_next, NULL, __ATOMIC_ACQ_REL))
		made--;
	while (!wait_online(WAIT_ONLINE_US))
		continue;
}
