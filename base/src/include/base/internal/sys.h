/* SPDX-License-Identifier: MIT */
/**
 * Unprivileged system calls, as the base library and core use them
 *
 * They are the same on every kernel; abi.h has their numbers and registers.
 * Nobody but 'ld' and core contains the instruction.
 */
#pragma once

#include <base/rpc.h>

/**
 * Call a portal
 *
 * 'window' (at most RPC_CAPS) is the number of capabilities the caller is
 * prepared to receive with the reply. On ERROR_OK 'm' is the reply, with its
 * tag as the server set it. Otherwise nothing was received:
 * GONE      dead name, or the portal or its server died before the reply
 * INVALID   no portal, no such right, or malformed message
 * DEPTH     more than 16 calls deep, or a cycle
 * WINDOW    the server takes fewer capabilities than the message holds
 * KERNEL_RAM  the receiving window cannot be opened for lack of kernel memory
 *             of the own domain; nothing was sent
 */
enum error sys_call(cap_t portal, struct rpc_message *m, unsigned window) MUST_USE;

/** What a thread gets from sys_reply_wait */
struct sys_event {
	uint64_t label;   /* of the portal that was called, or of the signal */
	uint64_t count;   /* 0: a call, in 'm'; else a signal, that many times */
};

enum sys_reply {
	SYS_REPLY_NONE,   /* nothing to reply to */
	SYS_REPLY,        /* reply to the current caller with 'm' */
	SYS_REPLY_PARK,   /* leave the faulting caller blocked until unparked */
};

/**
 * Reply to the current caller, if any, and wait for the next call or signal
 *
 * Pending signals and calls alternate under load. 'm' is the reply on entry and
 * the request on return if event->count is 0. A reply whose caller died is
 * discarded silently. Returns KERNEL_RAM if the window cannot be opened (the
 * reply is not sent then), WINDOW if the caller takes fewer capabilities than
 * 'm' holds, INVALID for a malformed message: in both cases the reply is not
 * sent, and the caller waits on.
 */
enum error sys_reply_wait(struct rpc_message *m, enum sys_reply reply,
                          unsigned window, struct sys_event *event) MUST_USE;

/** Add one to a signal's count. Returns GONE, INVALID */
enum error sys_signal_submit(cap_t signal) MUST_USE;

/**
 * Wait for one signal of a thread of the own domain, and take its count
 *
 * Other events of the thread stay pending meanwhile. Returns GONE, INVALID
 * (foreign signal, or bound to another thread). Name 0: halt for ever.
 */
enum error sys_signal_wait(cap_t signal, uint64_t *count) MUST_USE;

/**
 * Let the kernel submit 'signal' once when the time-stamp counter reaches 'tsc'
 *
 * A second call replaces the first; ~0 cancels. A time in the past submits at
 * once. Returns GONE, INVALID (also for signals of other domains).
 */
enum error sys_signal_timeout(cap_t signal, uint64_t tsc) MUST_USE;

/** Give back 'n' receptions of a name; at zero it is dead. Returns GONE */
enum error sys_cap_release(cap_t name, uint32_t n) MUST_USE;

/** OK if the name is alive, else GONE */
enum error sys_cap_probe(cap_t name) MUST_USE;

/** Set the FS base of the calling thread. Returns INVALID (kernel address) */
enum error sys_tls(void *base) MUST_USE;

/** See base/context.h */
enum error sys_context_run(cap_t context, uint64_t *reason) MUST_USE;
enum error sys_context_poke(cap_t context) MUST_USE;

/** Let others of the same priority run; the shortest system call */
void sys_yield(void);

/** Execution time of the calling thread in TSC ticks */
uint64_t sys_thread_time(void);
