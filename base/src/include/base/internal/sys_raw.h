/* SPDX-License-Identifier: MIT */
/**
 * The system-call instruction, with all registers that abi.h names
 */
#pragma once

#include <base/internal/abi.h>

/** How the kernel is entered; core on base-hw says something else */
#ifndef SYS_ENTER
#define SYS_ENTER "syscall"
#endif

/** In the order of arguments and results, behind the control word */
struct sys_raw { uint64_t dx, di, si, ax, r8, r9, r10; };

static inline void sys_raw(struct sys_raw *r)
{
	uint64_t dx = r->dx, di = r->di, si = r->si, ax = r->ax;
	register uint64_t r8  __asm__ ("r8")  = r->r8;
	register uint64_t r9  __asm__ ("r9")  = r->r9;
	register uint64_t r10 __asm__ ("r10") = r->r10;
	__asm__ volatile (SYS_ENTER
	                  : "+d" (dx), "+D" (di), "+S" (si), "+a" (ax),
	                    "+r" (r8), "+r" (r9), "+r" (r10)
	                  :: "rcx", "r11", "memory");
	*r = (struct sys_raw){ dx, di, si, ax, r8, r9, r10 };
}

static inline enum error sys_raw_error(struct sys_raw const *r)
{
	return (enum error)(r->dx & 0xff);
}

/** System call with two arguments and without results */
static inline enum error sys_simple(enum abi_syscall number, uint64_t first,
                                    uint64_t second)
{
	struct sys_raw r = { .dx = number, .di = first, .si = second };
	sys_raw(&r);
	return sys_raw_error(&r);
}

/** Message buffer of the running thread (thread_self.h) */
static inline struct utcb *sys_utcb(void)
{
	struct utcb *utcb;
	__asm__ ("mov %%fs:8, %0" : "=r" (utcb));
	return utcb;
}
