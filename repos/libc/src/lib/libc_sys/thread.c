/* SPDX-License-Identifier: MIT */
/*
 * Threads: musl's are base threads, which lend them a CPU and ld's storage
 *
 * musl makes stack and struct pthread in one mapping. A base thread has a small
 * stack of its own, in one block with the thread-local storage of all objects;
 * it goes from there to musl's stack, and comes back at the end, so that musl's
 * mapping is free when it says so. Nobody can free the stack that it is on: the
 * rest is given back by the next thread that creates one or unmaps something,
 * which for a thread that is joined is who joins it.
 */

/* public */
#include <base/heap.h>
#include <base/signal.h>
#include <session/cpu.h>
#include <session/pd.h>
#include <util/container_of.h>

/* musl */
#include <errno.h>

/* local */
#include "sys.h"

enum { STACK = 8192 };

/* What musl takes for FS:0 */
__thread uintptr_t libc_thread_pointer;

static struct libc_thread first = { .tid = 1 };
static __thread struct libc_thread *running = &first;

/* Threads beside the first one */
static struct mutex mutex;
static struct list  threads;
static int          last_tid = 1;

struct libc_thread *thread_running(void)
{
	return running;
}

/* -- end -- */

/** One that is behind musl's last step, if there is one */
static struct libc_thread *take_left(void)
{
	struct libc_thread *found = NULL;
	mutex_lock(&mutex);
	list_for_each_safe(&threads, node) {
		struct libc_thread *const t =
			container_of(node, struct libc_thread, node);
		if (!found && __atomic_load_n(&t->left, __ATOMIC_ACQUIRE)) {
			list_remove(node);
			found = t;
		}
	}
	mutex_unlock(&mutex);
	return found;
}

static void close(struct libc_thread *t)
{
	thread_close(&t->thread);
	thread_signal_close(libc_env, &t->signal);
	heap_free(libc_env->heap, t, sizeof *t);
}

void thread_reap(void)
{
	for (struct libc_thread *t; (t = take_left());) {
		thread_join(&t->thread);
		close(t);
	}
}

static void halt(void) __attribute__((noreturn));
static void halt(void)
{
	for (;;)
		signal_wait((signal_cap_t) { 0 });
}

void thread_exit(void)
{
	if (running == &first)
		halt();
	libc_stack_leave(running->leave);
}

void __unmapself(void *at, size_t size)
{
	running->unmap      = (uintptr_t)at;
	running->unmap_size = size;
	thread_exit();
}

void thread_stop_others(void)
{
	mutex_lock(&mutex);
	list_for_each(&threads, node) {
		struct libc_thread *const t =
			container_of(node, struct libc_thread, node);
		if (t != running)
			error_ignore(thread_pause(t->thread.cap), "ended itself");
	}
	mutex_unlock(&mutex);
}

/* -- life -- */

static void enter(struct thread *thread)
{
	struct libc_thread *const t =
		container_of(thread, struct libc_thread, thread);
	mutex_lock(&t->gate);
	running = t;
	libc_thread_pointer = t->pointer;
	libc_stack_call(t->stack, t->function, t->argument, &t->leave);

	/* from here on, musl's struct pthread may be gone */
	if (t->unmap)
		memory_unmap(t->unmap, t->unmap_size);
	__atomic_store_n(&t->left, true, __ATOMIC_RELEASE);
	if (t->clear) {
		__atomic_store_n(t->clear, 0, __ATOMIC_SEQ_CST);
		futex_wake(t->clear, 1);
	}
}

/** Threads are spread over the CPUs of the component */
static uint32_t cpu_of(int tid)
{
	uint32_t count = 1;
	error_ignore(cpu_count(libc_env->cpu, &count), "one there is");
	return (uint32_t)tid % count;
}

/** A base thread that waits at the gate */
static enum error start(struct libc_thread *t)
{
	struct thread_args const args = {
		.entry = enter, .name = "pthread", .stack = STACK,
		.cpu = cpu_of(t->tid) };
	enum error error = thread_open(&t->thread, libc_env, &args);
	if (!error)
		error = pd_signal_create(libc_env->pd, t->thread.cap, 0,
		                         &t->signal);
	return error;
}

int __clone(int (*function)(void *), void *stack, int flags, void *argument,
            int *tid, void *pointer, int volatile *clear)
{
	if (!libc_env)
		return -EAGAIN;
	thread_reap();
	struct libc_thread *const t = heap_alloc(libc_env->heap, sizeof *t);
	if (!t)
		return -EAGAIN;
	*t = (struct libc_thread) {
		.function = function, .argument = argument, .stack = stack,
		.pointer = (uintptr_t)pointer, .clear = clear,
		.tid = __atomic_add_fetch(&last_tid, 1, __ATOMIC_RELAXED) };
	mutex_lock(&t->gate);
	if (start(t)) {
		close(t);
		return -EAGAIN;
	}
	*tid = t->tid;
	mutex_lock(&mutex);
	list_append(&threads, &t->node);
	mutex_unlock(&mutex);
	mutex_unlock(&t->gate);
	return t->tid;
}

int __set_thread_area(void *pointer)
{
	libc_thread_pointer = (uintptr_t)pointer;
	return 0;
}

void thread_wait(uint64_t deadline)
{
	struct signal_handler own = { .cap = running->signal };
	bool const limited = deadline != ~0ul;
	if (limited && signal_handler_at(&own, deadline))
		return;
	signal_wait(own.cap);
	if (limited)
		error_ignore(signal_handler_at(&own, ~0ul), "it is ours");
}
