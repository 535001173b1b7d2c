/* SPDX-License-Identifier: MIT */
/* Kernel operations by bare system calls, registers ready, as peers measure them */

#include <base/thread.h>
#include <session/pd.h>
#include <test/raw_ipc.h>
#include "bench.h"

enum { WARM = 1000, ROUNDS = 10000 };

static object_cap_t own_portal;
static struct thread own_thread;

/** Server loop in the own address space */
static void echo(struct thread *thread)
{
	uint64_t dx = SYS_WAIT;
	for (;;) {
		uint64_t di = 0;
		__asm__ volatile ("syscall" : "+d"(dx), "+D"(di)
			: : "rsi", "rax", "r8", "r9", "r10", "rcx", "r11", "memory");
		dx = SYS_REPLY_WAIT | (dx & 0xff0000);
	}
}

static enum error checked(uint64_t dx, char const *what)
{
	enum error const error = (enum error)(dx & 0xff);
	if (error)
		log_error("%s: %s", what, error_text(error));
	return error;
}

enum error bench_words(cap_t portal, char const *name, unsigned words)
{
	enum error const error = checked(raw_call(portal, words), name);
	if (!error)
		BENCH(name, WARM, ROUNDS, raw_call(portal, words));
	return error;
}

static enum error bench_own(struct env *env)
{
	enum error error = thread_open(&own_thread, env, &(struct thread_args) {
		.entry = echo, .name = "echo" });
	if (!error)
		error = pd_portal_create(env->pd, own_thread.cap, 1, &own_portal);
	if (!error)
		error = bench_words(own_portal.cap, "ipc_same_4", 4);
	return error;
}

static enum error bench_signals(struct env *env, bench_cap_t bench)
{
	signal_cap_t pong, ping;
	enum error error = thread_signal(env, &pong);
	if (!error)
		error = bench_ping(bench, pong, &ping);
	if (error)
		return error;
	BENCH("signal_pingpong", WARM, ROUNDS,
	      raw_simple(SYS_SIGNAL_SUBMIT, ping.cap, 0);
	      raw_simple(SYS_SIGNAL_WAIT, pong.cap, 0));

	/* nobody waits: the signal of a thread that is busy, this one */
	BENCH("signal_submit", WARM, ROUNDS,
	      raw_simple(SYS_SIGNAL_SUBMIT, pong.cap, 0));
	raw_simple(SYS_SIGNAL_WAIT, pong.cap, 0);
	return ERROR_OK;
}

/** A fresh object each round, or the receiver would merely count */
static enum error bench_cap_pass(struct env *env, cap_t echo_portal)
{
	struct sample sample = { 0 };
	void *const utcb = raw_utcb();
	for (unsigned i = 0; i < 1100; i++) {
		object_cap_t fresh;
		enum error error = pd_portal_create(env->pd, own_thread.cap, 2, &fresh);
		if (error)
			return error;
		sample_begin(&sample);
		uint64_t const dx = raw_call_cap(echo_portal, utcb, fresh.cap);
		if (i >= 100)
			sample_end(&sample);
		error = checked(dx, "cap_pass");
		if (!error)
			error = pd_object_destroy(env->pd, fresh);
		cap_drop(fresh.cap);
		if (error)
			return error;
	}
	sample_print("cap_pass", &sample);
	return ERROR_OK;
}

enum error bench_kernel(struct env *env, bench_cap_t bench)
{
	object_cap_t portal;

	enum error error = bench_echo(bench, 0, &portal);
	if (error)
		return error;
	BENCH("null_syscall", WARM, ROUNDS, raw_simple(SYS_YIELD, 0, 0));
	if (!error) error = bench_words(portal.cap, "ipc_1", 1);
	if (!error) error = bench_words(portal.cap, "ipc_4", 4);
	if (!error) error = bench_words(portal.cap, "ipc_16", 16);
	if (!error) error = bench_words(portal.cap, "ipc_64", 64);
	if (!error) error = bench_own(env);
	if (!error) error = bench_signals(env, bench);
	if (!error) error = bench_cap_pass(env, portal.cap);
	return error;
}
