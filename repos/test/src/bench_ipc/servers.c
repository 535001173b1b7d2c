/* SPDX-License-Identifier: MIT */
/* Calls that need more than two: a server that is busy, calls others, or is remote */

#include <base/thread.h>
#include <session/cpu.h>
#include <session/pd.h>
#include <test/raw_ipc.h>
#include <util/container_of.h>
#include "bench.h"

enum { WARM = 1000, ROUNDS = 10000, DEPTH = 8 };

/* -- a chain of servers in this address space, each but the last calls the next -- */

static struct link {
	struct thread thread;
	object_cap_t  portal;
	cap_t         next;         /* 0: the last */
} chain[DEPTH];

static void serve_link(struct thread *thread)
{
	struct link const *const link = container_of(thread, struct link, thread);
	uint64_t dx = SYS_WAIT;
	for (;;) {
		uint64_t di = 0;
		__asm__ volatile ("syscall" : "+d"(dx), "+D"(di)
			: : "rsi", "rax", "r8", "r9", "r10", "rcx", "r11", "memory");
		if (link->next)
			raw_call(link->next, 1);
		dx = SYS_REPLY_WAIT | 1ul << ABI_WORDS_SHIFT;
	}
}

static enum error bench_chain(struct env *env)
{
	enum error error = ERROR_OK;
	cap_t next = 0;
	for (unsigned i = 0; i < DEPTH && !error; i++) {
		struct link *const link = &chain[i];
		link->next = next;
		error = thread_open(&link->thread, env, &(struct thread_args) {
			.entry = serve_link, .name = "link" });
		if (!error)
			error = pd_portal_create(env->pd, link->thread.cap, 1,
			                         &link->portal);
		next = link->portal.cap;
	}
	return error ? error : bench_words(next, "ipc_depth8", 1);
}

/* -- a server that lost the CPU while it serves: its second caller helps it -- */

static struct {
	struct thread thread, first;
	object_cap_t  portal;
	signal_cap_t  wake;         /* the second caller */
	bool          serving;      /* the first */
} busy;

/** A call with a word lets the second caller run before it is answered */
static void serve_busy(struct thread *thread)
{
	uint64_t dx = SYS_WAIT;
	for (;;) {
		uint64_t di = 0;
		__asm__ volatile ("syscall" : "+d"(dx), "+D"(di)
			: : "rsi", "rax", "r8", "r9", "r10", "rcx", "r11", "memory");
		busy.serving = dx & 0xff0000;
		if (busy.serving) {
			raw_simple(SYS_SIGNAL_SUBMIT, busy.wake.cap, 0);
			raw_simple(SYS_YIELD, 0, 0);
		}
		busy.serving = false;
		dx = SYS_REPLY_WAIT;
	}
}

static void call_first(struct thread *thread)
{
	for (unsigned i = 0; i < WARM + ROUNDS; i++)
		raw_call(busy.portal.cap, 1);
}

/** The calling thread is the second caller */
static enum error bench_busy(struct env *env)
{
	struct sample sample = { 0 };
	enum error error = thread_signal(env, &busy.wake);
	if (!error)
		error = thread_open(&busy.thread, env, &(struct thread_args) {
			.entry = serve_busy, .name = "busy" });
	if (!error)
		error = pd_portal_create(env->pd, busy.thread.cap, 1, &busy.portal);
	if (!error)
		error = thread_open(&busy.first, env, &(struct thread_args) {
			.entry = call_first, .name = "first" });
	for (unsigned i = 0; i < WARM + ROUNDS && !error; i++) {
		raw_simple(SYS_SIGNAL_WAIT, busy.wake.cap, 0);
		bool const serving = busy.serving;
		sample_begin(&sample);
		error = (enum error)(raw_call(busy.portal.cap, 0) & 0xff);
		if (i >= WARM && serving)   /* not when it was answered before */
			sample_end(&sample);
	}
	if (error)
		return error;
	thread_join(&busy.first);
	sample_print("ipc_busy", &sample);
	return ERROR_OK;
}

enum error bench_servers(struct env *env, bench_cap_t bench)
{
	object_cap_t remote;
	uint32_t cpus = 0;

	enum error error = bench_busy(env);
	if (!error) error = bench_chain(env);
	if (!error) error = cpu_count(env->cpu, &cpus);
	if (error || cpus < 2)
		return error;
	error = bench_echo(bench, 1, &remote);
	return error ? error : bench_words(remote.cap, "ipc_xcpu_1", 1);
}
