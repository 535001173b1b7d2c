/* SPDX-License-Identifier: MIT */
/**
 * Local APIC: by MSRs if the CPU has x2APIC, else by memory-mapped registers
 *
 * SDM 3A chapter 11 (registers: table 11-1; x2APIC: table 11-6). Interrupts are
 * off in the kernel, so each CPU uses its own without a lock.
 */

/* Internal */
#include <kernel/apic.h>
#include <kernel/panic.h>

/* Local */
#include "boot/boot.h"
#include "apic_registers.h"
#include "init.h"
#include "page_entry.h"

enum { MSR_APIC_BASE = 0x1b };
enum { APIC_BASE_X2APIC = 1 << 10, APIC_BASE_ENABLE = 1 << 11 };

enum { SVR_ENABLE = 1 << 8 };

/* Interrupt command (figure 11-12) */
enum { ICR_NMI = 4 << 8, ICR_INIT = 5 << 8, ICR_START_UP = 6 << 8,
       ICR_PENDING = 1 << 12, ICR_ASSERT = 1 << 14, ICR_OTHERS = 3 << 18 };

static bool usable;   /* so that an early panic does not touch it */

static void command(uint32_t apic_id, uint32_t low)
{
	if (cpu_features.x2apic) {
		/* WRMSR to it does not wait for earlier stores (11.12.3) */
		__asm__ volatile ("mfence; lfence" ::: "memory");
		cpu_msr_write(MSR_X2APIC + (APIC_ICR >> 4),
		              (uint64_t)apic_id << 32 | low);
		return;
	}
	while (apic_read(APIC_ICR) & ICR_PENDING)
		cpu_pause();
	apic_write(APIC_ICR_HIGH, apic_id << 24);
	apic_write(APIC_ICR, low);
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

void apic_send(struct cpu const *target, uint8_t vector)
{
	command(target->apic_id, ICR_ASSERT | vector);
}

void apic_init_assert(uint32_t apic_id)
{
	command(apic_id, ICR_ASSERT | ICR_INIT);
}

void apic_start_up(uint32_t apic_id, uint8_t page)
{
	command(apic_id, ICR_ASSERT | ICR_START_UP | page);
}

void apic_send_nmi_others(void)
{
	if (usable && cpu_count > 1)
		command(0, ICR_ASSERT | ICR_NMI | ICR_OTHERS);
}

void apic_init_cpu(void)
{
	uint64_t base = cpu_msr_read(MSR_APIC_BASE) | APIC_BASE_ENABLE;
	cpu_msr_write(MSR_APIC_BASE, base);
	if (cpu_features.x2apic)
		cpu_msr_write(MSR_APIC_BASE, base | APIC_BASE_X2APIC);

	apic_write(APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, ICR_NMI);
	uint32_t const entries = (apic_read(APIC_VERSION) >> 16 & 0xff) + 1;
	apic_write(APIC_LVT_ERROR, VECTOR_ERROR);
	if (entries >= 5)
		apic_write(APIC_LVT_COUNTERS, LVT_MASKED);
	if (entries >= 6)
		apic_write(APIC_LVT_THERMAL, LVT_MASKED);
	timer_init_cpu();
}

void apic_init(void)
{
	if (!cpu_features.x2apic)
		boot_map(KERNEL_MMIO_BASE,
		         cpu_msr_read(MSR_APIC_BASE) & ENTRY_PHYS, PAGE_SIZE,
		         KERNEL_MAP_WRITE | KERNEL_MAP_UNCACHED);
	apic_init_cpu();
	usable = true;
}

void apic_msi(struct cpu const *target, uint8_t vector, uint64_t *address,
              uint32_t *data)
{
	/* Fixed, edge, physical destination: SDM 3A 11.11 */
	*address = 0xfee00000UL | (uint64_t)target->apic_id << 12;
	*data    = vector;
}
