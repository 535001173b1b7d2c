/* SPDX-License-Identifier: MIT */
/**
 * CPU: threads, their priorities and execution times
 *
 * The session's text names its limits: "cpu | priority: 64 | quota: 30". The
 * highest priority its threads may have is bounded by the parent's session; the
 * affinity bounds the CPUs. The quota, in percent of each CPU, is taken from that
 * of the nearest session above, as labels tell: this session's threads, and those
 * of sessions below it, get at least that much when they want it, whatever the
 * priority of others (doc/kernel/time.md). Without one they share the quota of
 * the session above. Opening fails with INVALID (below 2) or LIMIT (above has less).
 *
 * Who opened it can change both while it is open (session_change, base/session.h):
 * its threads, and those of sessions below it, follow at once, each cut to the new
 * limit or up to what it was created with.
 *
 * The affinity can change, too (session_move): the session's threads move there,
 * whatever they do. CPU i of the session is then CPU i modulo the number that it has
 * now, so that indices which were valid once stay so.
 */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

SERVICE(cpu, "CPU", 16 * 1024, 4);

enum { CPU_PRIORITY_DEFAULT = 64, CPU_PRIORITY_LEVELS = 128 };

/**
 * New thread of 'pd', stopped
 *
 * 'cpu_index' counts within the session's affinity; 'priority' is cut to the
 * session's limit. 'utcb' is the address of its message buffer. Charged to the
 * PD's accounts. Returns NO_RAM, NO_CAPS, INVALID, LIMIT (64 threads a PD).
 */
RPC enum error cpu_thread_create(cpu_cap_t cpu, IN pd_cap_t pd, IN STRING(32) name,
                                 IN uint32_t cpu_index, IN uint32_t priority,
                                 OUT thread_cap_t *thread, OUT uint64_t *utcb);

/**
 * New context in the address space of 'pd': see base/context.h
 *
 * 'page' is its state page. Charged to the PD's accounts. thread_kill ends it,
 * thread_time tells its time; all else is INVALID. Returns NO_RAM, NO_CAPS.
 */
RPC enum error cpu_context_create(cpu_cap_t cpu, IN pd_cap_t pd, IN STRING(32) name,
                                  OUT thread_cap_t *thread,
                                  OUT context_cap_t *context,
                                  OUT dataspace_cap_t *page);

/** The next thread of the session behind 'after', 0: the first. NOT_FOUND: the end */
RPC enum error cpu_thread(cpu_cap_t cpu, IN uint32_t after, OUT uint32_t *id,
                          OUT thread_cap_t *thread, OUT char name[32]);

/** Begin at 'ip' with RSP 'sp' and RDI 'argument'. Returns CONFLICT, GONE */
RPC enum error thread_start(thread_cap_t thread, IN uint64_t ip, IN uint64_t sp,
                            IN uint64_t argument);

/** End and destroy it; it does not run any more on return */
RPC enum error thread_kill(thread_cap_t thread);

/** It does not run any more on return, wherever it is */
RPC enum error thread_pause(thread_cap_t thread);

/** Go on after thread_pause, or after an exception that nobody answered */
RPC enum error thread_resume(thread_cap_t thread);

WIRE struct thread_state {
	uint64_t ax, bx, cx, dx, si, di, bp, sp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t ip, flags, fs;  /* flag 8 (TF): exception 1 after an instruction */
	uint64_t trap;           /* 0, or 1 + vector of the exception it is in … */
	uint64_t error_code, address;
	bool     settable;       /* not within a system call, or fault */
};

/** Registers of a thread that is paused, or in an exception. CONFLICT: it runs */
RPC enum error thread_state(thread_cap_t thread, OUT struct thread_state *state);

/**
 * Set them (not the last four members)
 *
 * CONFLICT: it runs, or is not settable. INVALID: 'ip' or 'fs' is in the
 * kernel's half.
 */
RPC enum error thread_set_state(thread_cap_t thread,
                                IN struct thread_state const *state);

/** 64 bytes of FPU registers */
WIRE struct thread_fpu {
	uint64_t word_0, word_1, word_2, word_3, word_4, word_5, word_6, word_7;
};

/**
 * FPU, SSE and AVX registers of a thread as for thread_state, 64 bytes at 'offset'
 *
 * The layout is XSAVE's standard format (SDM volume 1, 13.4): x87 and SSE at 0,
 * as FXSAVE64 has them (10.5.1); the header at 512; behind it what CPUID, function
 * 0dh, tells of each component whose bit is set in XCR0, which user mode can read:
 * the upper halves of YMM at 576. Without XSAVE it ends at 512. Values are there
 * whatever the header says; those of a thread that never used the FPU are the
 * initial ones. CONFLICT: it runs. INVALID: 'offset' is beyond the end, or no
 * multiple of 64.
 */
RPC enum error thread_fpu(thread_cap_t thread, IN uint32_t offset,
                          OUT struct thread_fpu *line);

/**
 * Set them
 *
 * The header stays the kernel's: what is written to it is ignored, as are bits of
 * MXCSR that the CPU does not have. Its first use of the FPU, if this is it, is
 * charged to its PD. CONFLICT: it runs, or is not settable. Returns INVALID,
 * NO_RAM.
 */
RPC enum error thread_set_fpu(thread_cap_t thread, IN uint32_t offset,
                              IN struct thread_fpu const *line);

/**
 * Signal at exceptions and faults of this thread that nobody answers; null: none
 *
 * It waits for thread_resume then, without a word in the log, and cpu_fault does
 * not tell of it. Charged to the CPU session. Returns DONATE_CAPS.
 */
RPC enum error thread_exception_handler(thread_cap_t thread,
                                        IN OPT signal_cap_t handler);

/**
 * Let it go on at another CPU of its session, where it is from then on
 *
 * It goes at once if nothing on its CPU depends on it; else as soon as the call
 * that it serves, or that it made, is answered. Whoever calls it or waits for it
 * does not notice. Contexts run where they are called. Returns INVALID (no such
 * CPU, a context).
 */
RPC enum error thread_move(thread_cap_t thread, IN uint32_t cpu_index);

/** Execution time in microseconds */
RPC enum error thread_time(thread_cap_t thread, OUT uint64_t *us);

/** Signal when a thread of the session stops by an unanswered fault; null: none */
RPC enum error cpu_fault_handler(cpu_cap_t cpu, IN OPT signal_cap_t handler);

WIRE struct cpu_fault {
	uint64_t vector;        /* CPU exception (SDM volume 3, 6.3.1) */
	uint64_t error_code, address, ip, sp;
};

/** Oldest fault not yet asked for, with the thread's name. AGAIN: there is none */
RPC enum error cpu_fault(cpu_cap_t cpu, OUT struct cpu_fault *fault, OUT char name[32]);

/** Number of CPUs of the session's affinity */
RPC enum error cpu_count(cpu_cap_t cpu, OUT uint32_t *count);

/** Execution time of all threads, past ones included, in microseconds */
RPC enum error cpu_time(cpu_cap_t cpu, OUT uint64_t *us);

/** Time since boot and idle time of one CPU of the session, in microseconds */
RPC enum error cpu_idle(cpu_cap_t cpu, IN uint32_t cpu_index, OUT uint64_t *total_us,
                        OUT uint64_t *idle_us);
