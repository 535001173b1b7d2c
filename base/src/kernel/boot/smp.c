/* SPDX-License-Identifier: MIT */
/**
 * Data of each CPU, and the start of the others
 *
 * All are told to start at once; each finds its struct cpu by its APIC id
 * (start.S), initialises itself and waits for smp_release(). The waits are those
 * of SDM 3A 9.4.4 (10 ms after INIT, 200 us between start-up interrupts), and
 * as long as an overloaded emulator may need at last.
 */

/* Public */
#include <util/string.h>

/* Internal */
#include <kernel/apic.h>
#include <kernel/timer.h>

/* Local */
#include "x86/init.h"
#include "boot.h"

/*
 * Stacks of one CPU: page numbers in its slot; those between are not mapped.
 * The slot is a power of 2, so that an address tells the CPU.
 */
enum { SLOT_SIZE = 0x10000, PAGE_DOUBLE_FAULT = 1, PAGE_NMI = 3,
       PAGE_MACHINE_CHECK = 5, PAGE_STACK = 7,
       PAGES_STACK = KERNEL_STACK_SIZE / PAGE_SIZE };

enum { WAIT_INIT_US = 10000, WAIT_START_UP_US = 200, WAIT_ONLINE_US = 2000000 };

static uint32_t ready;
static bool     released;

extern char const trampoline_start[], trampoline_end[];

/** Map a stack and return its top */
static uint64_t stack_new(uint64_t slot, unsigned page, unsigned pages)
{
	uint64_t const base = slot + page * PAGE_SIZE;
	uint64_t const size = pages * PAGE_SIZE;
	boot_map(base, boot_frames(pages), size, BOOT_MAP_WRITE);
	return base + size;
}

/** The paranoid entry finds its CPU at the top of an interrupt stack */
static uint64_t ist_new(struct cpu *cpu, uint64_t slot, unsigned page)
{
	uint64_t const base = slot + page * PAGE_SIZE;
	uint64_t const phys = boot_frames(1);
	boot_map(base, phys, PAGE_SIZE, BOOT_MAP_WRITE);
	uint64_t const top = PAGE_SIZE - 16;
	*(struct cpu **)phys_pointer(phys + top) = cpu;
	return base + top;
}

struct cpu *boot_cpu_new(uint32_t apic_id)
{
	static uint32_t n;
	uint64_t const slot = KERNEL_STACK_BASE + (uint64_t)n * SLOT_SIZE;

	struct cpu *const cpu = phys_pointer(boot_frames(
		(sizeof *cpu + PAGE_SIZE - 1) / PAGE_SIZE));
	cpu->self    = cpu;
	cpu->id      = n;
	cpu->apic_id = apic_id;
	cpu->stack   = stack_new(slot, PAGE_STACK, PAGES_STACK);
	cpu->tss.sp[0] = cpu->stack;
	cpu->tss.ist[IST_DOUBLE_FAULT - 1] = ist_new(cpu, slot, PAGE_DOUBLE_FAULT);
	cpu->tss.ist[IST_NMI - 1]          = ist_new(cpu, slot, PAGE_NMI);
	cpu->tss.ist[IST_MACHINE_CHECK - 1] = ist_new(cpu, slot,
	                                              PAGE_MACHINE_CHECK);
	cpu_table[n++] = cpu;
	return cpu;
}

/** Decide once whether a CPU takes part: by itself, or by the boot CPU */
static bool settle(struct cpu *cpu, uint32_t state)
{
	uint32_t expected = CPU_UNKNOWN;
	return __atomic_compare_exchange_n(&cpu->state, &expected, state, false,
	                                   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

void boot_ap_main(struct cpu *cpu)
{
	cpu_init(cpu);
	apic_init_cpu();
	if (!settle(cpu, CPU_ONLINE))
		for (;;)
			__asm__ volatile ("cli; hlt");
	__atomic_fetch_add(&ready, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&released, __ATOMIC_ACQUIRE))
		cpu_pause();
	kernel_cpu_main();
}

void smp_release(void)
{
	__atomic_store_n(&released, true, __ATOMIC_RELEASE);
}

/** A struct for each enabled CPU of the MADT; ours is there already */
static uint32_t make_others(void)
{
	uint32_t others = 0;
	for (uint32_t i = 0; i < acpi_cpu_count; i++) {
		if (acpi_cpu[i] == cpu_table[0]->apic_id)
			continue;
		if (others + 1 == CPUS_MAX)
			break;         /* the boot CPU was not among them */
		boot_cpu_new(acpi_cpu[i]);
		others++;
	}
	return others;
}

static bool wait_for(uint32_t others, uint64_t microseconds)
{
	uint64_t const end = cpu_tsc() + timer_hz / 1000000 * microseconds;
	while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) < others) {
		if (cpu_tsc() >= end)
			return false;
		cpu_pause();
	}
	return true;
}

static void start_up(uint32_t others, uint64_t page)
{
	for (uint32_t i = 1; i <= others; i++)
		apic_start_up(cpu_table[i], (uint8_t)(page >> PAGE_SHIFT));
}

/** Close the gaps of those that did not come; they must not come later */
static void keep_online(uint32_t others)
{
	uint32_t n = 1;
	for (uint32_t i = 1; i <= others; i++) {
		struct cpu *const cpu = cpu_table[i];
		cpu_table[i] = NULL;
		if (settle(cpu, CPU_ABSENT)) {
			console_print("cpu: APIC id %u does not start\n",
			              cpu->apic_id);
			continue;
		}
		cpu->id = n;
		cpu_table[n++] = cpu;
	}
	cpu_count = n;
}

void smp_start(void)
{
	uint32_t const others = make_others();
	if (!others)
		return;

	uint64_t const page = memory_low_page();
	if (!page)
		panic("no RAM below 1 MiB to start other CPUs from");
	memcpy(phys_pointer(page), trampoline_start,
	       (size_t)(trampoline_end - trampoline_start));

	for (uint32_t i = 1; i <= others; i++)
		apic_init_assert(cpu_table[i]);
	timer_wait(WAIT_INIT_US);
	start_up(others, page);
	if (!wait_for(others, WAIT_START_UP_US)) {
		start_up(others, page);
		wait_for(others, WAIT_ONLINE_US);
	}
	keep_online(others);
}
