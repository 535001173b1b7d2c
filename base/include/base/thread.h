/* SPDX-License-Identifier: MIT */
/**
 * Threads and the lock between them
 */
#pragma once

#include <base/env.h>

struct thread;

struct thread_args {
	void (*entry)(struct thread *thread);
	char const *name;          /* at most 31 bytes */
	size_t      stack;         /* bytes, rounded up; 0: 16 KiB; guard below */
	uint32_t    cpu;           /* within the CPU session's affinity */
	uint32_t    priority;      /* 0: the default; cut to the session's limit */
};

/** Embed it; zeroed memory is a closed thread */
struct thread {
	thread_cap_t cap;
	struct env  *env;
	uint64_t     opaque[14];
};
_Static_assert(sizeof(struct thread) == 128, "binary interface");

/** Start a thread. Returns NO_RAM, NO_CAPS, INVALID (no such CPU), LIMIT */
enum error thread_open(struct thread *thread, struct env *env,
                       struct thread_args const *args) MUST_USE;

/** Wait until its entry function returned */
void thread_join(struct thread *thread);

/** End it wherever it is, and free what it had. Not by itself. Idempotent */
void thread_close(struct thread *thread);

/**
 * Lock between threads of a component: one word, zero is unlocked
 *
 * First come, first served; not recursive. A waiter blocks in the kernel.
 */
struct mutex { uint64_t word; };
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);
/** Take it if nobody has it */
bool mutex_try(struct mutex *mutex);

/** Wait for one signal of the calling thread (thread_signal), and take its count */
uint64_t signal_wait(signal_cap_t signal);

/** New signal of the calling thread, for signal_wait. Returns NO_RAM, NO_CAPS */
enum error thread_signal(struct env *env, signal_cap_t *signal) MUST_USE;
void thread_signal_close(struct env *env, signal_cap_t *signal);

/** Execution time of the calling thread in microseconds */
uint64_t thread_own_time_us(void);
/** Let others of the same priority run */
void thread_yield(void);
