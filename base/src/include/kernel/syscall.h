/* SPDX-License-Identifier: MIT */
/**
 * System calls off the fast path, and traps; called by entry.S
 */
#pragma once

/* Internal */
#include <kernel/ec.h>

#define MSR_FS_BASE 0xc0000100U

/** System call of the running thread, whose registers are saved */
void syscall_entry(struct ec *);

/** Exception or interrupt in user mode */
void trap_user(struct ec *, uint64_t vector, uint64_t error);

struct trap_frame;
void trap_kernel(struct trap_frame *);
void trap_own_stack(struct trap_frame *);

/** Result of the running thread's system call */
void syscall_result(struct ec *, enum error);

/** Execute the system call again, after others had their turn */
void syscall_restart(struct ec *);

/** Calls that need CONTROL rights; false: no such number */
bool syscall_control(struct ec *, unsigned number);
