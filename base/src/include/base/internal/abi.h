/* SPDX-License-Identifier: MIT */
/**
 * System-call ABI: numbers, registers, message buffer
 *
 * SYSCALL with
 *   RDX  bits 0–7 number; for IPC also 8–15 window (capabilities that may be
 *        received), 16–23 words, 24–31 capabilities sent; 32–63 zero
 *   RDI  portal to call, or first argument
 *   RSI  tag of the message, or second argument
 *   RAX, R8, R9, R10  first four words of the message, or further arguments
 * returns with
 *   RDX  bits 0–7 enum error; for IPC also 8–15 event (0 message, 1 signal),
 *        16–23 words, 24–31 capabilities received; 32–63 frames that the
 *        kernel memory lacks (KERNEL_RAM), and bit 63: the caller's own lacks
 *        them, not that of the domain that was named
 *   RDI  label (of portal or signal), or first result
 *   RSI  tag, the signal's count, or second result
 *   RAX, R8, R9, R10  words, or further results
 * RBX, RBP, R12 … R15 and RSP are preserved, RCX and R11 are not. YIELD has no
 * result: RDX is as it was, or 0, and all others but these two are preserved.
 *
 * Words 4 … 63 and all capabilities of a message are in the thread's message
 * buffer, where the kernel copies exactly as many as the message has. What lies
 * beyond, in registers too, is the sender's garbage.
 */
#pragma once

/* Version of this file; in an ELF note of the kernel. Not frozen yet */
#define ABI_VERSION 1

#define ABI_WINDOW_SHIFT    8
#define ABI_WORDS_SHIFT     16
#define ABI_CAPS_SHIFT      24
#define ABI_MISSING_SHIFT   32

#define ABI_EVENT_SIGNAL    0x100
#define ABI_MISSING_OWN     (1u << 31)

#define ABI_REGISTER_WORDS  4

#include <base/error.h>
#include <base/message.h>

/**
 * System calls: number, name
 *
 * The first three are the ones that entry.S knows by their order. Those from PD_CREATE on need
 * CONTROL rights, or are for core only.
 */
#define ABI_SYSCALLS(X) \
	X( 0, CALL) \
	X( 1, REPLY_WAIT) \
	X( 2, YIELD) \
	X( 3, WAIT) \
	X( 4, PARK_WAIT) \
	X( 5, SIGNAL_SUBMIT) \
	X( 6, SIGNAL_WAIT) \
	X( 7, SIGNAL_TIMEOUT) \
	X( 8, CAP_RELEASE) \
	X( 9, CAP_PROBE) \
	X(10, TLS) \
	X(11, THREAD_CLOCK) \
	X(12, CONTEXT_RUN) \
	X(13, CONTEXT_POKE) \
	X(14, PD_CREATE) \
	X(15, PD_DONATE) \
	X(16, PD_INFO) \
	X(17, THREAD_CREATE) \
	X(18, PORTAL_CREATE) \
	X(19, SIGNAL_CREATE) \
	X(20, IRQ_CREATE) \
	X(21, IRQ_BIND) \
	X(22, IRQ_ACK) \
	X(23, DESTROY) \
	X(24, DESTROY_OWNED) \
	X(25, DELEGATE) \
	X(26, THREAD_START) \
	X(27, THREAD_PAUSE) \
	X(28, THREAD_RESUME) \
	X(29, THREAD_STATE) \
	X(30, THREAD_SET_STATE) \
	X(31, THREAD_SCHEDULE) \
	X(32, THREAD_UNPARK) \
	X(33, THREAD_TIME) \
	X(34, MAP) \
	X(35, UNMAP) \
	X(36, CONSOLE_PUT) \
	X(37, CONSOLE_GIVE_AWAY) \
	X(38, IDLE_TIME) \
	X(39, REBOOT) \
	X(40, CPU_QUOTA) \
	X(41, THREAD_FPU) \
	X(42, THREAD_SET_FPU)

#define ABI_SYSCALL_(number, name) SYS_##name = number,
enum abi_syscall { ABI_SYSCALLS(ABI_SYSCALL_) N_SYSCALLS };
#undef ABI_SYSCALL_

/** Head of the message buffer, a page of the thread ("UTCB") */
struct utcb {
	struct rpc_message message;
	uint64_t           trace;    /* the kernel's not: see trace.h */
};
