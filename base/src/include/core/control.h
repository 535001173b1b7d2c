/* SPDX-License-Identifier: MIT */
/**
 * Arguments and results of what core asks of its kernel (core/kernel.h)
 */
#pragma once

#include <stdint.h>

enum { KERNEL_PD_FRAMES = 4 };  /* what a new domain needs to exist */
enum { KERNEL_PRIORITIES = 128, KERNEL_CPU_GROUPS = 64 };
enum { KERNEL_FPU_LINE = 64 };  /* bytes of FPU state, read or set at once */

struct kernel_thread_args {
	uint32_t cpu;           /* < boot_info.n_cpus */
	uint32_t priority;      /* 0 … 127, higher is more urgent */
	uint64_t ip, sp, arg;   /* registers RIP, RSP, RDI at start */
	uint64_t utcb;          /* user address of the message buffer … */
	uint64_t utcb_phys;     /* … and its frame, mapped there by the caller */
	uint64_t pager;         /* portal that gets faults, 0: fault stops it */
	uint64_t fault_label;   /* label of those messages */
	uint64_t group;         /* of CPU budgets, < KERNEL_CPU_GROUPS */
	uint64_t context;       /* not 0: foreign code; the frame is its state page,
	                           who gets its name may run it */
};

struct kernel_thread_state {
	uint64_t ax, bx, cx, dx, si, di, bp, sp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t ip, flags, fs;
	uint64_t trap;          /* vector + 1 while in a fault, 0: none */
	uint64_t error_code, fault_address;
	uint64_t time;          /* execution time in TSC ticks */
	uint64_t state;         /* enum kernel_thread_run */
};
enum kernel_thread_run { THREAD_STOPPED, THREAD_READY, THREAD_BLOCKED,
                         THREAD_PARKED, THREAD_DEAD };

enum kernel_irq_kind { KERNEL_IRQ_EDGE, KERNEL_IRQ_LEVEL_LOW,
                       KERNEL_IRQ_LEVEL_HIGH, KERNEL_IRQ_MSI };

enum kernel_map_flags {
	KERNEL_MAP_WRITE = 1, KERNEL_MAP_EXEC = 2,
	KERNEL_MAP_UNCACHED = 4, KERNEL_MAP_WRITE_COMBINED = 8,
};

/**
 * Words of a fault message to a pager: tag = vector (CPU exception number),
 * then these. A reply resumes the thread, whatever its tag is; a context by tag 0,
 * else the fault is left to who runs it. SYS_PARK_WAIT leaves either blocked.
 */
enum fault_word { FAULT_ADDRESS, FAULT_ERROR_CODE, FAULT_IP, FAULT_SP, FAULT_WORDS };
