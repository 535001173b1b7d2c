/* SPDX-License-Identifier: MIT */
/*
 * Paths of the kernel in TSC ticks (instructions, with -icount shift=0)
 */

/* Internal */
#include <base/internal/abi.h>

/* Local */
#include "loops.h"
#include "tests.h"

enum { ROUNDS = 10000 };


static void report(char const *name, uint64_t ticks, uint64_t rounds)
{
	print("bench %s %lu", name, (ticks + rounds / 2) / rounds);
}


static void bench_null(struct domain d)
{
	struct worker const w = worker_new(d, &(struct worker_args) {
		.priority = 64, .run = loop_null });
	w.shared->value[0] = ROUNDS;
	worker_start(&w);
	worker_wait(&w);
	report("null_syscall", w.shared->value[2], ROUNDS);
}


static void bench_ipc(char const *name, struct domain client, cap_t portal,
                      uint64_t words, uint32_t cpu)
{
	struct worker const w = worker_new(client, &(struct worker_args) {
		.priority = 64, .run = loop_client, .cpu = cpu });
	w.shared->cap[0]   = delegate(client, portal);
	w.shared->value[0] = ROUNDS;
	w.shared->value[1] = words;
	worker_start(&w);
	worker_wait(&w);
	check(!w.shared->value[3], "all calls of the benchmark succeed");
	report(name, w.shared->value[2], ROUNDS);
}


/* -- signals -- */

/** One system call with registers ready, as in loops.c */
static inline void raw(uint64_t number, uint64_t name)
{
	__asm__ volatile ("syscall" : "+d" (number), "+D" (name)
	                  :: "rax", "rsi", "rcx", "r8", "r9", "r10", "r11",
	                     "memory");
}


/** Submit cap[0], wait for a signal, value[0] times */
static void ping(struct shared *s)
{
	uint64_t const signal = s->cap[0];
	uint64_t const start = tsc();
	for (uint64_t i = s->value[0]; i; i--) {
		raw(SYS_SIGNAL_SUBMIT, signal);
		raw(SYS_WAIT, 0);
	}
	s->value[2] = tsc() - start;
}


static void pong(struct shared *s)
{
	uint64_t const signal = s->cap[0];
	for (uint64_t i = s->value[0]; i; i--) {
		raw(SYS_WAIT, 0);
		raw(SYS_SIGNAL_SUBMIT, signal);
	}
}


static void bench_ping_pong(struct domain a, struct domain b)
{
	struct worker const x = worker_new(a, &(struct worker_args) {
		.priority = 64, .run = ping });
	struct worker const y = worker_new(b, &(struct worker_args) {
		.priority = 64, .run = pong });
	cap_t const to_x = signal_new(a, &x, 1), to_y = signal_new(b, &y, 2);
	x.shared->cap[0] = delegate(a, to_y);
	y.shared->cap[0] = delegate(b, to_x);
	x.shared->value[0] = y.shared->value[0] = ROUNDS;
	worker_start(&y);
	worker_start(&x);
	worker_wait(&x);
	worker_wait(&y);
	report("signal_pingpong", x.shared->value[2], ROUNDS);
}


static void submit(struct shared *s)
{
	uint64_t const signal = s->cap[0];
	uint64_t const start = tsc();
	for (uint64_t i = s->value[0]; i; i--)
		raw(SYS_SIGNAL_SUBMIT, signal);
	s->value[2] = tsc() - start;
}


static void bench_submit(struct domain a, struct domain b)
{
	struct worker const x = worker_new(a, &(struct worker_args) {
		.priority = 64, .run = submit });
	struct worker const y = worker_new(b, &(struct worker_args) {
		.priority = 64, .run = pong });
	x.shared->cap[0] = delegate(a, signal_new(b, &y, 2));
	x.shared->value[0] = ROUNDS;
	worker_start(&x);
	worker_wait(&x);
	report("signal_submit", x.shared->value[2], ROUNDS);
}


/* -- faults -- */

static void fault(struct shared *s)
{
	*(volatile int *)0x123456789000UL = 1;
}


/** Resume value[0] times the same fault, then end it by parking */
static void handle(struct shared *s)
{
	struct rpc_message m;
	struct sys_event event;
	error_ignore(sys_reply_wait(&m, SYS_REPLY_NONE, 0, &event), "");
	uint64_t const start = tsc();
	for (uint64_t i = s->value[0]; i; i--)
		raw(SYS_REPLY_WAIT, 0);
	s->value[2] = tsc() - start;
	s->value[3] = event.label;
	error_ignore(sys_signal_submit(s->done), "");
	error_ignore(sys_reply_wait(&m, SYS_REPLY_PARK, 0, &event), "");
}


static void bench_fault(struct domain a, struct domain b)
{
	struct worker const pager = worker_new(b, &(struct worker_args) {
		.priority = 64, .run = handle });
	pager.shared->value[0] = ROUNDS;
	struct worker const x = worker_new(a, &(struct worker_args) {
		.priority = 64, .run = fault, .fault_label = 77,
		.pager = portal_new(b, &pager, 3) });
	worker_start(&pager);
	worker_start(&x);
	worker_wait(&pager);
	check(pager.shared->value[3] == 77, "label of a fault");
	report("fault_nomap", pager.shared->value[2], ROUNDS);
}


/* -- capabilities -- */

static void bench_map(struct domain a)
{
	uint64_t const phys = lab_frames(1);
	uint64_t start = 0;
	bool good = true;
	for (unsigned i = 0; i < 1001; i++) {
		good &= !kernel_map(a.pd, 0x400000, phys, 4096, 0);
		good &= !kernel_unmap(a.pd, 0x400000, 4096);
		if (!i)
			start = tsc();
	}
	report("map_unmap", tsc() - start, 1000);
	check(good, "map and unmap");
}


/** value[0] times: call with one of cap[1 …], whose reception is released */
static void giver(struct shared *s)
{
	uint64_t const portal = s->cap[0], dx = SYS_CALL | 1 << ABI_CAPS_SHIFT;
	cap_t *const cap = ((struct utcb *)s->self.utcb)->message.cap;
	uint64_t const start = tsc();
	for (uint64_t i = s->value[0]; i; i--) {
		cap[0] = s->cap[1 + i % 4];
		raw(dx, portal);
	}
	s->value[2] = tsc() - start;
}


static void taker(struct shared *s)
{
	cap_t *const cap = ((struct utcb *)s->self.utcb)->message.cap;
	raw(SYS_WAIT | 1 << ABI_WINDOW_SHIFT, 0);
	for (;;) {
		uint64_t dx = SYS_CAP_RELEASE, di = cap[0], si = 1;
		__asm__ volatile ("syscall" : "+d" (dx), "+D" (di), "+S" (si)
		                  :: "rax", "rcx", "r8", "r9", "r10", "r11",
		                     "memory");
		s->value[0] += dx & 0xff;
		raw(SYS_REPLY_WAIT | 1 << ABI_WINDOW_SHIFT, 0);
	}
}


static void bench_cap_pass(struct domain a, struct domain b)
{
	struct worker const y = worker_new(b, &(struct worker_args) {
		.priority = 64, .run = taker });
	struct worker const x = worker_new(a, &(struct worker_args) {
		.priority = 64, .run = giver });
	x.shared->cap[0] = delegate(a, portal_new(b, &y, 0));
	for (unsigned i = 0; i < 4; i++)
		x.shared->cap[1 + i] = delegate(a, portal_new(a, &x, i));
	x.shared->value[0] = ROUNDS;
	worker_start(&y);
	worker_start(&x);
	worker_wait(&x);
	check(!y.shared->value[0], "all of them arrived");
	report("cap_pass", x.shared->value[2], ROUNDS);
}


void bench_all(void)
{
	struct domain const a = domain_new(), b = domain_new();
	struct worker const server = worker_new(b, &(struct worker_args) {
		.priority = 64, .run = loop_server });
	cap_t const portal = portal_new(b, &server, 0xabc);
	worker_start(&server);

	bench_null(a);
	bench_ipc("ipc_1", a, portal, 1, 0);
	bench_ipc("ipc_4", a, portal, 4, 0);
	bench_ipc("ipc_16", a, portal, 16, 0);
	bench_ipc("ipc_64", a, portal, 64, 0);
	bench_ipc("ipc_same_4", b, portal, 4, 0);
	if (kernel_boot_info()->n_cpus > 1)
		bench_ipc("ipc_xcpu_1", a, portal, 1, 1);
	bench_ping_pong(a, b);
	bench_submit(a, b);
	bench_fault(a, b);
	bench_cap_pass(a, b);
	bench_map(a);
}
