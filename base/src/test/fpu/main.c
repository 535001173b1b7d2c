/* SPDX-License-Identifier: MIT */
/*
 * Property: FPU and SSE registers belong to one thread: they survive whatever
 * else runs, a new thread finds them in their initial state, and nothing of
 * another thread or component is ever seen in them. The scenario runs two of
 * these components side by side.
 */

/* public */
#include <base/hid.h>

/* local */
#include "test.h"

enum { WORKERS = 8, ROUNDS = 400 };

static struct worker workers[WORKERS];

struct vectors { uint64_t word[16][2]; };

static void load(struct vectors const *v)
{
	__asm__ volatile (
		"movups (%0), %%xmm0; movups 16(%0), %%xmm1; movups 32(%0), %%xmm2;"
		"movups 48(%0), %%xmm3; movups 64(%0), %%xmm4; movups 80(%0), %%xmm5;"
		"movups 96(%0), %%xmm6; movups 112(%0), %%xmm7;"
		"movups 128(%0), %%xmm8; movups 144(%0), %%xmm9;"
		"movups 160(%0), %%xmm10; movups 176(%0), %%xmm11;"
		"movups 192(%0), %%xmm12; movups 208(%0), %%xmm13;"
		"movups 224(%0), %%xmm14; movups 240(%0), %%xmm15"
		: : "r"(v), "m"(*v)
		: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
		  "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

static void store(struct vectors *v)
{
	__asm__ volatile (
		"movups %%xmm0, (%1); movups %%xmm1, 16(%1); movups %%xmm2, 32(%1);"
		"movups %%xmm3, 48(%1); movups %%xmm4, 64(%1); movups %%xmm5, 80(%1);"
		"movups %%xmm6, 96(%1); movups %%xmm7, 112(%1);"
		"movups %%xmm8, 128(%1); movups %%xmm9, 144(%1);"
		"movups %%xmm10, 160(%1); movups %%xmm11, 176(%1);"
		"movups %%xmm12, 192(%1); movups %%xmm13, 208(%1);"
		"movups %%xmm14, 224(%1); movups %%xmm15, 240(%1)"
		: "=m"(*v) : "r"(v));
}

static void check_fresh(void)
{
	struct vectors v;
	uint32_t mxcsr;
	uint16_t control;
	store(&v);
	__asm__ volatile ("stmxcsr %0; fnstcw %1" : "=m"(mxcsr), "=m"(control));
	for (unsigned i = 0; i < 16; i++)
		check(!v.word[i][0] && !v.word[i][1], "xmm%u holds %lx:%lx", i,
		      v.word[i][1], v.word[i][0]);
	check(mxcsr == 0x1f80, "MXCSR is %x", mxcsr);
	check(control == 0x37f, "x87 control word is %x", control);
}

/** Registers, rounding modes and the x87 stack are this thread's alone */
static void keep_rounds(struct worker *worker)
{
	struct vectors own, found;
	uint64_t seed = worker->index + clock_us() * 64 + 1;
	uint32_t const mxcsr = 0x1f80 | (worker->index % 4) << 13;
	uint16_t const control = (uint16_t)(0x37f | (worker->index % 4) << 10);
	uint32_t mxcsr_found;
	uint16_t control_found;
	int32_t number = (int32_t)worker->index + 100, number_found;

	__asm__ volatile ("ldmxcsr %0; fldcw %1; fildl %2"
		: : "m"(mxcsr), "m"(control), "m"(number));
	for (unsigned round = 0; round < test_rounds(ROUNDS); round++) {
		for (unsigned i = 0; i < 16; i++)
			for (unsigned k = 0; k < 2; k++)
				own.word[i][k] = test_random(&seed);
		load(&own);
		if (round % 100 == worker->index)
			test_sleep(200);
		else if (round % 2)
			thread_yield();
		else
			for (unsigned i = 0; i < 500; i++)
				__builtin_ia32_pause();
		store(&found);
		for (unsigned i = 0; i < 16; i++)
			check(own.word[i][0] == found.word[i][0]
			      && own.word[i][1] == found.word[i][1],
			      "thread %u, xmm%u: %lx:%lx instead of %lx:%lx",
			      worker->index, i, found.word[i][1], found.word[i][0],
			      own.word[i][1], own.word[i][0]);
	}
	__asm__ volatile ("stmxcsr %0; fnstcw %1; fistpl %2"
		: "=m"(mxcsr_found), "=m"(control_found), "=m"(number_found));
	check(mxcsr_found == mxcsr, "MXCSR %x became %x", mxcsr, mxcsr_found);
	check(control_found == control, "control word %x became %x", control,
	      control_found);
	__asm__ volatile ("fninit");
	check(number_found == number, "x87 %d became %d", number, number_found);
}

static void keep(struct worker *worker)
{
	check_fresh();
	keep_rounds(worker);
}

static void threads(void)
{
	workers_open(workers, WORKERS, 0, keep);
	workers_join(workers, WORKERS);
}

/** Threads come and go, with the registers full each time */
static void soil(struct worker *worker)
{
	struct vectors v;
	check_fresh();
	for (unsigned i = 0; i < 16; i++)
		v.word[i][0] = v.word[i][1] = ~0ul - worker->index;
	load(&v);
}

static void fresh(void)
{
	for (unsigned i = 0; i < test_rounds(6); i++) {
		workers_open(workers, WORKERS, 0, soil);
		workers_join(workers, WORKERS);
	}
}

/** A server that computes on its own registers, in the middle of our call */
static enum error compute(struct rpc_object *object, struct rpc_message *m)
{
	struct vectors v = { 0 };
	load(&v);
	m->words = 0;
	return ERROR_OK;
}

static void calls(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		struct entrypoint *const ep = server_open("server", cpu, 0);
		struct rpc_object object;
		struct vectors own, found;
		uint64_t word = 0;
		server_object(&object, ep, compute);
		for (unsigned i = 0; i < 200; i++) {
			for (unsigned k = 0; k < 16; k++)
				own.word[k][0] = own.word[k][1] = i * 16 + k + 1;
			load(&own);
			check_ok(server_call(object.cap, &word));
			store(&found);
			for (unsigned k = 0; k < 16; k++)
				check(own.word[k][0] == found.word[k][0]
				      && own.word[k][1] == found.word[k][1],
				      "call changed xmm%u", k);
		}
		entrypoint_close(ep);
	}
}

static struct test_step const steps[] = {
	{ "threads", threads }, { "fresh", fresh }, { "calls", calls },
};

/** The other component: does the same all the time */
static void endless(struct worker *worker)
{
	for (;;)
		keep_rounds(worker);
}

enum error component_construct(struct env *env)
{
	if (hid_bool(env->config, "endless", false)) {
		test_env = env;
		check_ok(cpu_count(env->cpu, &test_cpus));
		workers_open(workers, WORKERS / 2, 0, endless);
		return ERROR_OK;
	}
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
