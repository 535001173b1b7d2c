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

/** Begin at 'ip' with RSP 'sp' and RDI 'argument'. Returns CONFLICT, GONE */
RPC enum error thread_start(thread_cap_t thread, IN uint64_t ip, IN uint64_t sp,
                            IN uint64_t argument);

/** End and destroy it; it does not run any more on return */
RPC enum error thread_kill(thread_cap_t thread);

RPC enum error thread_pause(thread_cap_t thread);
RPC enum error thread_resume(thread_cap_t thread);

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
