/* SPDX-License-Identifier: MIT */
/**
 * What boot calls of the x86 code, in this order
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kernel/cpu.h>

void console_init(void);

/** Panics if the CPU lacks something; fills cpu_features */
void cpu_features_check(void);
uint32_t cpu_own_apic_id(void);

/** Descriptor tables, control registers and MSRs of the running CPU */
void cpu_init(struct cpu *);
void fpu_init(void);

/**
 * Read the tables, while firmware's memory is within reach; 'rsdp' is an address or
 * 0 (search the BIOS' memory). Notes in boot_info how the machine is switched off
 */
void acpi_read(uint64_t rsdp);
extern uint32_t acpi_cpu[CPUS_MAX];   /* APIC ids of usable CPUs */
extern uint32_t acpi_cpu_count;

/** Mask both 8259s for good */
void pic_disable(void);

void apic_init(void);                 /* once, by the boot CPU */
void apic_init_cpu(void);             /* by each other CPU */
void apic_init_assert(uint32_t apic_id);
void apic_start_up(uint32_t apic_id, uint8_t page);
/** All other CPUs, even with interrupts off */
void apic_send_nmi_others(void);
/** Firmware knows one, for interrupts from 'gsi' on */
void ioapic_add(uint64_t phys, uint64_t gsi);
void ioapic_init(void);

/** See to it that this CPU's time-stamp counter agrees with the boot CPU's … */
void clock_align(uint32_t apic_id);
/** … which calls this while it waits for others */
void clock_answer(void);

/** Calibrate; needs the APIC */
void timer_init(void);
void timer_init_cpu(void);
void timer_wait(uint64_t microseconds);

/** Let the other CPUs go on to kernel_cpu_main() */
void smp_release(void);
