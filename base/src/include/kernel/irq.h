/* SPDX-License-Identifier: MIT */
/**
 * Interrupt source, which submits a signal
 *
 * It is masked until acknowledged: the first time, and again at each interrupt
 * if it is level-triggered. Edges while it is served are counted by the signal.
 */
#pragma once

/* Public */
#include <base/cap.h>
#include <base/error.h>

/* Internal */
#include <kernel/kobject.h>

struct irq {
	struct kobject object;
	uint32_t       gsi;       /* ~0: message-signalled */
	uint8_t        vector;
	bool           edge;
	cap_t volatile signal;    /* core's name of it, 0: none */
};

/** Allocate a vector and route it; if that fails, nobody knows of it. Returns
 *  CONFLICT, INVALID (also: the CPU's APIC id has more than 8 bits), LIMIT */
enum error irq_init(struct irq *, uint32_t gsi, unsigned kind, struct cpu *,
                    uint64_t *msi_address, uint32_t *msi_data) MUST_USE;
bool irq_stop(struct irq *);
void irq_ack(struct irq *);

/** Device interrupt 'vector' arrived on the running CPU */
void irq_raise(uint8_t vector);
