/* SPDX-License-Identifier: MIT */
/*
 * System calls other than IPC
 */

/* internal */
#include <base/internal/sys.h>
#include <base/internal/sys_raw.h>

enum error sys_signal_submit(cap_t signal)
{
	return sys_simple(SYS_SIGNAL_SUBMIT, signal, 0);
}

enum error sys_signal_wait(cap_t signal, uint64_t *count)
{
	struct sys_raw r = { .dx = SYS_SIGNAL_WAIT, .di = signal };
	sys_raw(&r);
	enum error const error = sys_raw_error(&r);
	if (!error)
		*count = r.si;
	return error;
}

enum error sys_signal_timeout(cap_t signal, uint64_t tsc)
{
	return sys_simple(SYS_SIGNAL_TIMEOUT, signal, tsc);
}

enum error sys_cap_release(cap_t name, uint32_t n)
{
	return sys_simple(SYS_CAP_RELEASE, name, n);
}

enum error sys_cap_probe(cap_t name)
{
	return sys_simple(SYS_CAP_PROBE, name, 0);
}

enum error sys_tls(void *base)
{
	return sys_simple(SYS_TLS, (uint64_t)base, 0);
}

void sys_yield(void)
{
	uint64_t control = SYS_YIELD;
	__asm__ volatile (SYS_ENTER : "+d" (control)
	                  :: "rax", "rcx", "rsi", "rdi", "r8", "r9", "r10",
	                     "r11", "memory");
}

uint64_t sys_thread_time(void)
{
	struct sys_raw r = { .dx = SYS_THREAD_CLOCK };
	sys_raw(&r);
	return r.di;
}

enum error sys_context_run(cap_t context, uint64_t *reason)
{
	uint64_t control = SYS_CONTEXT_RUN;
	__asm__ volatile (SYS_ENTER : "+d" (control), "+D" (context)
	                  :: "rax", "rcx", "rsi", "r8", "r9", "r10", "r11",
	                     "memory");
	*reason = context;
	return (enum error)(control & 0xff);
}

enum error sys_context_poke(cap_t context)
{
	return sys_simple(SYS_CONTEXT_POKE, context, 0);
}
