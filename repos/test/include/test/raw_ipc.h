/* SPDX-License-Identifier: MIT */
/**
 * Bare system calls, for what measures or attacks the kernel's interface
 *
 * Everything else calls the wrappers in 'ld'.
 */
#pragma once

#include <base/internal/abi.h>

/** Registers of a system call, in and out */
struct raw {
	uint64_t dx, di, si, ax, r8, r9, r10;
};

static inline void raw_syscall(struct raw *r)
{
	register uint64_t r8  __asm__("r8")  = r->r8;
	register uint64_t r9  __asm__("r9")  = r->r9;
	register uint64_t r10 __asm__("r10") = r->r10;
	__asm__ volatile ("syscall"
		: "+d"(r->dx), "+D"(r->di), "+S"(r->si), "+a"(r->ax),
		  "+r"(r8), "+r"(r9), "+r"(r10)
		: : "rcx", "r11", "memory");
	r->r8  = r8;
	r->r9  = r9;
	r->r10 = r10;
}

static inline enum error raw_error(struct raw const *r)
{
	return (enum error)(r->dx & 0xff);
}

/** Call with registers as they are: what a hand-written client would do */
static inline uint64_t raw_call(cap_t portal, uint64_t words)
{
	uint64_t dx = SYS_CALL | words << ABI_WORDS_SHIFT, di = portal;
	__asm__ volatile ("syscall" : "+d"(dx), "+D"(di)
		: : "rsi", "rax", "r8", "r9", "r10", "rcx", "r11", "memory");
	return dx;
}

static inline uint64_t raw_call_cap(cap_t portal, void *utcb, cap_t cap)
{
	uint64_t dx = SYS_CALL | 1ul << ABI_CAPS_SHIFT, di = portal;
	((struct utcb *)utcb)->message.cap[0] = cap;
	__asm__ volatile ("syscall" : "+d"(dx), "+D"(di)
		: : "rsi", "rax", "r8", "r9", "r10", "rcx", "r11", "memory");
	return dx;
}

/** One argument, no result but the error */
static inline uint64_t raw_simple(uint64_t number, uint64_t a, uint64_t b)
{
	uint64_t dx = number, di = a, si = b;
	__asm__ volatile ("syscall" : "+d"(dx), "+D"(di), "+S"(si)
		: : "rax", "r8", "r9", "r10", "rcx", "r11", "memory");
	return dx;
}

/** Message buffer of the calling thread */
static inline void *raw_utcb(void)
{
	void *utcb;
	__asm__ ("mov %%fs:8, %0" : "=r"(utcb));
	return utcb;
}
