/* SPDX-License-Identifier: MIT */
/*
 * Where musl finds the running thread: in a thread-local variable
 *
 * FS:0 is ld's, whose control block ends the thread-local storage of all
 * objects. Stands in for musl's arch/x86_64/pthread_arch.h.
 */
#pragma once

extern __attribute__((visibility("hidden"))) __thread uintptr_t libc_thread_pointer;

static inline uintptr_t __get_tp(void)
{
	return libc_thread_pointer;
}

#define MC_PC gregs[REG_RIP]
