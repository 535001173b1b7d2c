/* SPDX-License-Identifier: MIT */
/**
 * Registers of the local APIC: SDM 3A table 11-1, by MSR table 11-6
 */
#pragma once

#include <kernel/cpu.h>

enum { MSR_X2APIC = 0x800 };

enum apic_register {
	APIC_ID = 0x20, APIC_VERSION = 0x30, APIC_TPR = 0x80, APIC_EOI = 0xb0,
	APIC_SVR = 0xf0, APIC_ESR = 0x280, APIC_ICR = 0x300,
	APIC_ICR_HIGH = 0x310, APIC_LVT_TIMER = 0x320, APIC_LVT_THERMAL = 0x330,
	APIC_LVT_COUNTERS = 0x340, APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360, APIC_LVT_ERROR = 0x370,
	APIC_TIMER_INITIAL = 0x380, APIC_TIMER_CURRENT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,
};

enum { LVT_MASKED = 1 << 16 };

static inline uint32_t apic_read(enum apic_register r)
{
	if (cpu_features.x2apic)
		return (uint32_t)cpu_msr_read(MSR_X2APIC + ((uint32_t)r >> 4));
	return *(uint32_t volatile *)(KERNEL_MMIO_BASE + r);
}

static inline void apic_write(enum apic_register r, uint32_t value)
{
	if (cpu_features.x2apic)
		cpu_msr_write(MSR_X2APIC + ((uint32_t)r >> 4), value);
	else
		*(uint32_t volatile *)(KERNEL_MMIO_BASE + r) = value;
}
