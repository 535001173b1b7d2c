/* SPDX-License-Identifier: MIT */
/**
 * System calls off the fast path, and traps; called by entry.S
 */
#pragma once

/* Internal */
#include <kernel/ec.h>

/**
 * System calls but those for messages and signals: name, function, type of the
 * object that the first argument names, rights that the caller needs to it
 *
 * Arguments and results are in the thread's saved registers, structs in its
 * message buffer, as core/kernel.h has them in order. All check first. From
 * PD_CREATE on they are core's only.
 */
#define SYSCALLS(X) \
	X(YIELD,             yield,          NONE,   0) \
	X(SIGNAL_WAIT,       signal_wait,    NONE,   0) \
	X(SIGNAL_TIMEOUT,    signal_timeout, SIGNAL, 0) \
	X(CAP_RELEASE,       cap_release,    NONE,   0) \
	X(CAP_PROBE,         cap_probe,      NONE,   0) \
	X(TLS,               tls,            NONE,   0) \
	X(THREAD_CLOCK,      thread_clock,   NONE,   0) \
	X(CONTEXT_RUN,       context_run,    EC,     RIGHT_RUN) \
	X(CONTEXT_POKE,      context_poke,   EC,     RIGHT_RUN) \
	X(PD_CREATE,         pd_create,      NONE,   0) \
	X(PD_DONATE,         pd_donate,      PD,     RIGHT_CONTROL) \
	X(PD_INFO,           pd_info,        PD,     RIGHT_CONTROL) \
	X(THREAD_CREATE,     thread_create,  PD,     RIGHT_CONTROL) \
	X(PORTAL_CREATE,     portal_create,  PD,     RIGHT_CONTROL) \
	X(SIGNAL_CREATE,     signal_create,  PD,     RIGHT_CONTROL) \
	X(IRQ_CREATE,        irq_create,     PD,     RIGHT_CONTROL) \
	X(IRQ_BIND,          irq_bind,       IRQ,    RIGHT_CONTROL) \
	X(IRQ_ACK,           irq_ack,        IRQ,    RIGHT_CONTROL) \
	X(DESTROY,           destroy,        NONE,   0) \
	X(DESTROY_OWNED,     destroy_owned,  PD,     RIGHT_CONTROL) \
	X(DELEGATE,          delegate,       PD,     RIGHT_CONTROL) \
	X(THREAD_START,      thread_resume,  EC,     RIGHT_CONTROL) \
	X(THREAD_PAUSE,      thread_pause,   EC,     RIGHT_CONTROL) \
	X(THREAD_RESUME,     thread_resume,  EC,     RIGHT_CONTROL) \
	X(THREAD_STATE,      thread_state,   EC,     RIGHT_CONTROL) \
	X(THREAD_SET_STATE,  thread_set_state, EC,   RIGHT_CONTROL) \
	X(THREAD_SCHEDULE,   thread_schedule, EC,    RIGHT_CONTROL) \
	X(THREAD_UNPARK,     thread_unpark,  EC,     RIGHT_CONTROL) \
	X(THREAD_TIME,       thread_time,    EC,     RIGHT_CONTROL) \
	X(MAP,               map,            PD,     RIGHT_CONTROL) \
	X(UNMAP,             unmap,          PD,     RIGHT_CONTROL) \
	X(CONSOLE_PUT,       console_put,    NONE,   0) \
	X(CONSOLE_GIVE_AWAY, console_give_away, NONE, 0) \
	X(IDLE_TIME,         idle_time,      NONE,   0) \
	X(REBOOT,            reboot,         NONE,   0) \
	X(CPU_QUOTA,         cpu_quota,      NONE,   0) \
	X(THREAD_FPU,        thread_fpu,     EC,     RIGHT_CONTROL) \
	X(THREAD_SET_FPU,    thread_set_fpu, EC,     RIGHT_CONTROL)

/** 'object' is what the first argument names, alive; NULL for NONE */
#define SYSCALL_(name, function, type, rights) \
	enum error call_##function(struct ec *, struct kobject *object) MUST_USE;
SYSCALLS(SYSCALL_)
#undef SYSCALL_

/**
 * Result of a call that is to be executed again with the same arguments, after
 * others had their turn; what was begun is noted in the thread
 */
#define SYSCALL_AGAIN N_ERRORS

/** System call of the running thread, whose registers are saved */
void syscall_entry(struct ec *);

/** Result of the running thread's system call */
void syscall_result(struct ec *, enum error);

/** Exception or interrupt in user mode */
void trap_user(struct ec *, uint64_t vector, uint64_t error);

struct trap_frame;
void trap_kernel(struct trap_frame *);
