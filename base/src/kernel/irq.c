/* SPDX-License-Identifier: MIT */
/*
 * Interrupt vectors of devices: the same on all CPUs, one object each
 */

/* Internal */
#include <core/control.h>
#include <kernel/apic.h>
#include <kernel/irq.h>
#include <kernel/pd.h>
#include <kernel/signal.h>

enum { NO_GSI = ~0U };

static struct irq *volatile irq_of_vector[256];
static struct lock          irq_lock;           /* for changes of the table */


/** The lowest free vector: priority classes are 16 each, from the least urgent on */
static enum error choose(struct irq *irq)
{
	enum error error = ERROR_LIMIT;
	for (unsigned v = VECTOR_DEVICE_LAST; v >= VECTOR_DEVICE_FIRST; v--) {
		struct irq const *const other = irq_of_vector[v];
		if (!other) {
			irq->vector = (uint8_t)v;
			error = ERROR_OK;
		} else if (irq->gsi != NO_GSI && other->gsi == irq->gsi)
			return ERROR_CONFLICT;
	}
	return error;
}


_Static_assert((unsigned)KERNEL_IRQ_EDGE == IOAPIC_EDGE &&
               (unsigned)KERNEL_IRQ_LEVEL_LOW == IOAPIC_LEVEL_LOW &&
               (unsigned)KERNEL_IRQ_LEVEL_HIGH == IOAPIC_LEVEL_HIGH, "kinds");


enum error irq_init(struct irq *irq, uint32_t gsi, unsigned kind,
                    struct cpu *cpu, uint64_t *msi_address, uint32_t *msi_data)
{
	bool const msi = kind == KERNEL_IRQ_MSI;
	if (cpu->apic_id > 0xff)
		return ERROR_INVALID;        /* neither has more bits for it */
	irq->gsi  = msi ? NO_GSI : gsi;
	irq->edge = kind == KERNEL_IRQ_EDGE;

	/* nobody finds it before nothing can fail any more */
	lock_take(&irq_lock);
	enum error error = choose(irq);
	if (!error && !msi)
		error = ioapic_route(gsi, (enum ioapic_mode)kind, irq->vector, cpu);
	if (!error)
		irq_of_vector[irq->vector] = irq;
	lock_release(&irq_lock);
	if (!error && msi)
		apic_msi(cpu, irq->vector, msi_address, msi_data);
	return error;
}


bool irq_stop(struct irq *irq)
{
	if (irq->gsi != NO_GSI && irq_of_vector[irq->vector] == irq)
		ioapic_mask(irq->gsi);
	lock_take(&irq_lock);
	if (irq_of_vector[irq->vector] == irq)
		irq_of_vector[irq->vector] = NULL;
	lock_release(&irq_lock);
	return true;
}


void irq_ack(struct irq *irq)
{
	if (irq->gsi != NO_GSI)
		ioapic_unmask(irq->gsi);
}


void irq_raise(uint8_t vector)
{
	struct irq *const irq = irq_of_vector[vector];
	if (!irq)
		return;
	/* an edge at a masked input would be lost (82093AA, 3.4.2) */
	if (irq->gsi != NO_GSI && !irq->edge)
		ioapic_mask(irq->gsi);

	enum error error;
	struct kobject *const object =
		cap_typed(&pd_core->caps, irq->signal, 0, KOBJECT_SIGNAL, &error);
	if (object)
		signal_submit(container_of(object, struct signal, object));
}
