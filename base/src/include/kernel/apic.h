/* SPDX-License-Identifier: MIT */
/**
 * Interrupt controllers: local APIC (also by x2APIC), I/O APICs, MSI
 */
#pragma once

#include <base/error.h>
#include <kernel/cpu.h>
#include <kernel/vector.h>

/** End of interrupt; for all vectors but exceptions and VECTOR_SPURIOUS */
void apic_eoi(void);

/** Interrupt another CPU (or this one) at 'vector' */
void apic_send(struct cpu const *target, uint8_t vector);

/** Global system interrupts 0 … ioapic_gsi_count() - 1 */
uint32_t ioapic_gsi_count(void);

enum ioapic_mode { IOAPIC_EDGE, IOAPIC_LEVEL_LOW, IOAPIC_LEVEL_HIGH };

/** Route and leave masked. INVALID: no such GSI. Lock: internal, all of them */
enum error ioapic_route(uint32_t gsi, enum ioapic_mode mode, uint8_t vector,
                        struct cpu const *target) MUST_USE;
void ioapic_mask(uint32_t gsi);
void ioapic_unmask(uint32_t gsi);

/** Address and data that make a device raise 'vector' at 'target' */
void apic_msi(struct cpu const *target, uint8_t vector, uint64_t *address,
              uint32_t *data);
