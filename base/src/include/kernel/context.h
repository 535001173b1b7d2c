/* SPDX-License-Identifier: MIT */
/**
 * Foreign code: an EC that is entered by a call of its runner, and replies to it
 * by what it cannot do itself (doc/kernel/context.md)
 */
#pragma once

/* Public */
#include <base/context.h>

/* Internal */
#include <kernel/ec.h>
#include <kernel/main.h>

/** SYSCALL of foreign code lands here */
extern char const entry_foreign[];

/** Make a new EC one, whose message buffer is the state page; false: no frame */
bool context_init(struct ec *);

/** SYSCALL, exception of the running context */
void context_syscall(struct ec *context);
void context_exception(struct ec *context, uint32_t vector, uint64_t error);

/** Its fault was answered; an error leaves it to the runner */
void context_answered(struct ec *context, enum error);

/** Return to the runner if it was poked and can; on its CPU */
void context_interrupt(struct ec *context);

/** Its runner, which is about to die, is not its caller any more; false: in a fault */
bool context_abandon(struct ec *context);

/** Of the CPU, with the FPU: the way in, and the user's GS base */
static inline void context_load(struct ec const *context)
{
	cpu_msr_write(MSR_LSTAR, (uint64_t)entry_foreign);
	if (context->gs)
		cpu_msr_write(MSR_KERNEL_GS_BASE, context->gs);
}

static inline void context_unload(struct ec const *context)
{
	cpu_msr_write(MSR_LSTAR, (uint64_t)entry_syscall);
	if (context->gs)
		cpu_msr_write(MSR_KERNEL_GS_BASE, 0);
}
