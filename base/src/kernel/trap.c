/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts
 */

/* Internal */
#include <kernel/apic.h>
#include <kernel/context.h>
#include <kernel/ipc.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/round.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>

enum { EXCEPTIONS = 32 };


static void interrupt(uint8_t vector)
{
	if (vector == VECTOR_SPURIOUS)
		return;
	if (vector >= VECTOR_DEVICE_FIRST && vector <= VECTOR_DEVICE_LAST) {
		irq_raise(vector);       /* masked before the end of interrupt */
		apic_eoi();
		return;
	}
	apic_eoi();
	switch (vector) {
	case VECTOR_TIMER:   sched_tick(); break;
	case VECTOR_MAILBOX: round_serve(); break;
	case VECTOR_TLB:     tlb_serve(cpu_self()); break;
	}
}


void trap_user(struct ec *ec, uint64_t vector_byte, uint64_t error)
{
	uint8_t const vector = (uint8_t)vector_byte;
	if (vector >= EXCEPTIONS) {
		interrupt(vector);
		return;
	}
	if (vector == VECTOR_NO_FPU && ec_fpu_enable(ec)) {
		sched_fpu(cpu_self(), ec);
		return;
	}
	if (ec->context && vector != VECTOR_PAGE_FAULT) {
		context_exception(ec, vector, error);
		return;
	}
	uint64_t address = 0;
	if (vector == VECTOR_PAGE_FAULT)
		__asm__ volatile ("mov %%cr2, %0" : "=r" (address));
	if (ec->pd == pd_core && !ec->pager)
		panic("core: exception %u (error %lx) at %lx, address %lx, SP %lx",
		      vector, error, ec->regs.ip, address, ec->regs.sp);
	ipc_fault(ec, vector, error, address);
}


/** The idle CPU is interrupted, or anything by an NMI; all else is a bug */
void trap_kernel(struct trap_frame *frame)
{
	frame->vector &= 0xff;
	if (frame->vector == VECTOR_NMI) {
		panic_nmi(frame);
		return;
	}
	if (frame->vector < EXCEPTIONS || cpu_self()->current)
		panic_trap(frame);
	round_enter();
	interrupt((uint8_t)frame->vector);
}
