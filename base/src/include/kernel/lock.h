/* SPDX-License-Identifier: MIT */
/**
 * Spin locks
 *
 * Interrupts are off in the kernel, so who waits keeps serving other CPUs'
 * TLB shoot-downs, during which they may hold the lock. Order: object, domain,
 * timer queue.
 */
#pragma once

#include <kernel/cpu.h>
#include <kernel/page_table.h>

struct lock { uint32_t volatile taken; };  /* 0 free, 1 taken */

static inline void lock_take(struct lock *lock)
{
	while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE)) {
		cpu_pause();
		tlb_serve(cpu_self());
	}
}

static inline void lock_release(struct lock *lock)
{
	__atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}
