/* SPDX-License-Identifier: MIT */
/**
 * Linux's system calls, as far as musl needs them, over the base library
 *
 * They return what Linux's do: a result, or an error number below zero.
 */
#pragma once

/* public */
#include <base/env.h>
#include <base/thread.h>
#include <util/list.h>

/* musl */
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/** NULL before component_construct: constructors run without it */
extern struct env *libc_env;

/** Error number for an operation that failed for lack of something */
long libc_error(enum error error);

/* -- call.c -- */

long libc_system_call(long number, long a, long b, long c, long d, long e, long f);

/* -- memory.c: one lock -- */

/** Returns DENIED (no service RM), NO_RAM, NO_CAPS */
enum error memory_open(struct env *env);
long memory_map(uintptr_t at, size_t size, int protection, int flags);
long memory_protect(uintptr_t at, size_t size, int protection);
long memory_unmap(uintptr_t at, size_t size);

/* -- futex.c: one lock -- */

enum { FUTEX_WAIT, FUTEX_WAKE, FUTEX_REQUEUE = 3, FUTEX_PRIVATE = 128 };

/** 'deadline' is a time of clock_us, ~0: none. Returns 0, EAGAIN, ETIMEDOUT */
long futex_wait(int volatile *word, int value, uint64_t deadline);
/** Returns how many were woken */
long futex_wake(int volatile *word, unsigned count);
/** Wake 'count', let 'more' wait for 'other' instead. Returns the sum */
long futex_requeue(int volatile *word, unsigned count, unsigned more,
                   int volatile *other);

/* -- thread.c -- */

/** A thread that musl knows */
struct libc_thread {
	struct thread    thread;     /* closed: the first one, which serves */
	struct list_node node;
	struct mutex     gate;       /* the creator's, until all is set */
	signal_cap_t     signal;     /* it blocks on that */
	int              tid;
	bool             left;       /* musl's stack, and has next to nothing to do */
	int            (*function)(void *);
	void            *argument, *stack;
	uintptr_t        pointer;    /* musl's struct pthread */
	void            *leave;      /* where to go on when it ends, see stack.S */
	int volatile    *clear;      /* set to 0 at its end; NULL: nothing */
	uintptr_t        unmap;      /* at its end, unless 0 */
	size_t           unmap_size;
};

struct libc_thread *thread_running(void);

/** Give back what threads had that ended meanwhile */
void thread_reap(void);

/** End the running thread */
void thread_exit(void) __attribute__((noreturn));

/** Let no other one run but the first */
void thread_stop_others(void);

/** Wait for the signal of the running thread, at most until 'deadline' */
void thread_wait(uint64_t deadline);

/* What musl has in assembly */
int  __clone(int (*function)(void *), void *stack, int flags, void *argument,
             int *tid, void *pointer, int volatile *clear);
int  __set_thread_area(void *pointer);
void __unmapself(void *at, size_t size) __attribute__((noreturn));

/* -- stack.S -- */

/** Call 'function' on 'stack'; returns when libc_stack_leave goes to '*leave' */
void libc_stack_call(void *stack, int (*function)(void *), void *argument,
                     void **leave);
void libc_stack_leave(void *leave) __attribute__((noreturn));

/* -- output.c -- */

long output_write(int fd, void const *text, size_t size);
/** Write a line that has no end yet */
void output_flush(void);

/* -- clock.c -- */

/** Time of clock_us that is 'time' from now; ~0: later than ever */
uint64_t clock_deadline(struct timespec const *time);
long clock_read(clockid_t clock, struct timespec *time);
long clock_resolution(clockid_t clock, struct timespec *time);
long clock_sleep(clockid_t clock, int flags, struct timespec const *time);
