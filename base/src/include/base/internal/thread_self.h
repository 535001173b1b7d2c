/* SPDX-License-Identifier: MIT */
/**
 * What a thread finds at its FS base: the head of its control block
 *
 * Its first word points to itself, as the x86-64 ABI's thread-local storage
 * requires (System V ABI, AMD64 supplement, 3.4.6); thread-local variables lie
 * in front of it. Only 'ld' and core know this struct. It is written by its own
 * thread only.
 */
#pragma once

#include <base/cap.h>
#include <base/rpc.h>

struct thread_self {
	struct thread_self *self;
	void        *utcb;        /* message buffer, FS:8 */
	thread_cap_t thread;
	signal_cap_t token;       /* what the thread blocks on, mutexes and opens */
	/* Capabilities of the RPC that the thread serves right now */
	cap_t        received[RPC_CAPS];
	uint32_t     n_received;
	uint32_t     kept;        /* bit i: received[i] is not to be dropped */
	void        *exit;        /* struct thread, NULL for the first one */
	uint64_t     spare[4];
};

static inline struct thread_self *thread_self(void)
{
	struct thread_self *self;
	__asm__ ("mov %%fs:0, %0" : "=r"(self));
	return self;
}
