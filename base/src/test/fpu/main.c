/* SPDX-License-Identifier: MIT */
/*
 * Property: FPU, SSE and AVX registers belong to one thread: they survive
 * whatever else runs, preemption and calls included, a new thread finds them in
 * their initial state, and nothing of another thread or component is ever seen in
 * them. The scenario runs two of these components side by side.
 */

/* public */
#include <base/hid.h>
#include <base/service.h>
#include <base/session.h>

/* local */
#include "test.h"

/* the other component has the workers' priority, so that neither starves */
enum { WORKERS = 8, ROUNDS = 400, PRIORITY = 32, CALLERS = 4 };

static struct worker workers[WORKERS];
static bool volatile stop;
static bool          endless;  /* beside the test: uses no more RAM than before */
static unsigned      served;

/* YMM registers; without AVX, XMM registers in the lower halves */
struct vectors { uint64_t word[16][4]; };

static bool wide;

/** Whether CPU and kernel have AVX (SDM 1, 14.3) */
static bool avx(void)
{
	enum { OSXSAVE = 1 << 27, AVX = 1 << 28, SSE_AVX_STATE = 6 };
	uint32_t a = 1, b, c = 0, d;
	__asm__ volatile ("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (~c & (OSXSAVE | AVX))
		return false;
	__asm__ volatile ("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	return (a & SSE_AVX_STATE) == SSE_AVX_STATE;
}

#define NUMBERS "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"
#define VECTORS "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", \
	"xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

static void load(struct vectors const *v)
{
	if (wide)
		__asm__ volatile (".irp i, " NUMBERS "\n"
			"vmovups 32 * \\i(%0), %%ymm\\i\n.endr"
			: : "r"(v), "m"(*v) : VECTORS);
	else
		__asm__ volatile (".irp i, " NUMBERS "\n"
			"movups 32 * \\i(%0), %%xmm\\i\n.endr"
			: : "r"(v), "m"(*v) : VECTORS);
}

static void store(struct vectors *v)
{
	if (wide)
		__asm__ volatile (".irp i, " NUMBERS "\n"
			"vmovups %%ymm\\i, 32 * \\i(%1)\n.endr"
			: "=m"(*v) : "r"(v));
	else
		__asm__ volatile (".irp i, " NUMBERS "\n"
			"movups %%xmm\\i, 32 * \\i(%1)\n.endr"
			: "=m"(*v) : "r"(v));
}

static void check_vectors(struct vectors const *own, char const *who, unsigned id)
{
	struct vectors found;
	store(&found);
	for (unsigned i = 0; i < 16; i++)
		for (unsigned k = 0; k < (wide ? 4 : 2); k++)
			check(own->word[i][k] == found.word[i][k],
			      "%s %u, vector %u, word %u: %lx instead of %lx", who,
			      id, i, k, found.word[i][k], own->word[i][k]);
}

/* -- the rest: rounding modes, and the x87 stack full of integers -- */

struct modes { uint32_t mxcsr; uint16_t control; };

static struct modes modes_of(unsigned number)
{
	return (struct modes) {
		.mxcsr   = 0x1f80 | (number % 4) << 13 | (number & 4) << 13,
		.control = (uint16_t)(0x37f | (number % 4) << 10) };
}

static void load_modes(struct modes m)
{
	__asm__ volatile ("ldmxcsr %0; fldcw %1" : : "m"(m.mxcsr), "m"(m.control));
}

static void check_modes(struct modes own, char const *who, unsigned id)
{
	struct modes m;
	__asm__ volatile ("stmxcsr %0; fnstcw %1" : "=m"(m.mxcsr), "=m"(m.control));
	check(m.mxcsr == own.mxcsr, "%s %u: MXCSR %x became %x", who, id,
	      own.mxcsr, m.mxcsr);
	check(m.control == own.control, "%s %u: control word %x became %x", who, id,
	      own.control, m.control);
}

static void load_stack(int32_t first)
{
	__asm__ volatile ("fninit");
	for (int32_t i = 0; i < 8; i++) {
		int32_t const number = first + i;
		__asm__ volatile ("fildl %0" : : "m"(number));
	}
}

/** It is empty afterwards */
static void check_stack(int32_t first, char const *who, unsigned id)
{
	for (int32_t i = 8; i--;) {
		int32_t number;
		__asm__ volatile ("fistpl %0" : "=m"(number));
		check(number == first + i, "%s %u: x87 %d became %d", who, id,
		      first + i, number);
	}
}

static void check_fresh(char const *who, unsigned id)
{
	static struct vectors const none; /* no register is used to set it */
	uint16_t status;
	check_vectors(&none, who, id);
	check_modes(modes_of(0), who, id);
	__asm__ volatile ("fnstsw %0" : "=m"(status));
	check(!status, "%s %u: x87 status is %x", who, id, status);
}

static void fill(struct vectors *v, uint64_t *seed)
{
	for (unsigned i = 0; i < 16; i++)
		for (unsigned k = 0; k < 4; k++)
			v->word[i][k] = test_random(seed);
}

/** Registers, rounding modes and the x87 stack are this thread's alone */
static void keep_rounds(struct worker *worker)
{
	struct vectors own;
	uint64_t seed = worker->index + clock_us() * 64 + 1;
	struct modes const modes = modes_of(worker->index);
	int32_t const number = (int32_t)worker->index * 100;

	load_stack(number);
	load_modes(modes);
	for (unsigned round = 0; round < test_rounds(ROUNDS); round++) {
		fill(&own, &seed);
		load(&own);
		if (round % 100 == worker->index && !endless)
			test_sleep(200);
		else if (round % 2)
			thread_yield();
		else
			for (unsigned i = 0; i < 500; i++)
				__builtin_ia32_pause();
		check_vectors(&own, "thread", worker->index);
		check_modes(modes, "thread", worker->index);
	}
	check_stack(number, "thread", worker->index);
}

static void keep(struct worker *worker)
{
	check_fresh("thread", worker->index);
	keep_rounds(worker);
}

static void threads(void)
{
	workers_open(workers, WORKERS, PRIORITY, keep);
	workers_join(workers, WORKERS);
}

/** Nobody gives the CPU away: registers change hands by preemption only */
static void compute(struct worker *worker)
{
	struct vectors own;
	uint64_t seed = worker->index + 1;
	struct modes const modes = modes_of(worker->index);
	load_stack((int32_t)worker->index);
	load_modes(modes);
	fill(&own, &seed);
	load(&own);
	while (!stop) {
		check_vectors(&own, "thread", worker->index);
		check_modes(modes, "thread", worker->index);
		++*(uint64_t volatile *)&worker->count;
	}
	check_stack((int32_t)worker->index, "thread", worker->index);
}

static void preemption(void)
{
	stop = false;
	workers_open(workers, WORKERS, PRIORITY, compute);
	for (unsigned turn = 0; turn < 4; turn++)
		for (unsigned i = 0; i < WORKERS; i++) {
			uint64_t const before = workers[i].count;
			wait_for(workers[i].count != before, "%u stands still", i);
		}
	stop = true;
	workers_join(workers, WORKERS);
}

/** Threads come and go, with the registers full each time */
static void soil(struct worker *worker)
{
	struct vectors v;
	check_fresh("thread", worker->index);
	for (unsigned i = 0; i < 16; i++)
		for (unsigned k = 0; k < 4; k++)
			v.word[i][k] = ~0ul - worker->index;
	load(&v);
	load_stack(1);
	load_modes(modes_of(worker->index));
}

static void fresh(void)
{
	for (unsigned i = 0; i < test_rounds(6); i++) {
		workers_open(workers, WORKERS, PRIORITY, soil);
		workers_join(workers, WORKERS);
	}
}

/**
 * A server that computes on its own registers, in the middle of our call
 *
 * It finds them as its last call left them, whoever that came from.
 */
static enum error serve(struct rpc_object *object, struct rpc_message *m)
{
	static struct vectors v;
	static uint64_t seed = 0x5e77e5;
	if (served++) {
		check_vectors(&v, "call", served);
		check_modes(modes_of(served - 1), "call", served);
	}
	fill(&v, &seed);
	load(&v);
	load_modes(modes_of(served));
	m->words = 0;
	return ERROR_OK;
}

static void call_rounds(cap_t server, unsigned id)
{
	struct vectors own;
	uint64_t word = 0, seed = id + 1;
	for (unsigned i = 0; i < test_rounds(100); i++) {
		struct modes const modes = modes_of(i * 3 + id);
		load_stack((int32_t)i);
		load_modes(modes);
		fill(&own, &seed);
		load(&own);
		check_ok(server_call(server, &word));
		check_vectors(&own, "caller", id);
		check_modes(modes, "caller", id);
		check_stack((int32_t)i, "caller", id);
	}
}

static cap_t called;

static void call(struct worker *worker)
{
	call_rounds(called, worker->index);
}

/** Callers on all CPUs, so that the server works on their CPUs in turn */
static void call_all(cap_t server)
{
	call_rounds(server, CALLERS);
	called = server;
	workers_open(workers, CALLERS, 0, call);
	workers_join(workers, CALLERS);
}

static void calls(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		struct entrypoint *const ep = server_open("server", cpu, 0);
		struct rpc_object object;
		served = 0;
		server_object(&object, ep, serve);
		call_all(object.cap);
		entrypoint_close(ep);
	}
}

static struct session other;

static void other_domain(void)
{
	call_all(other.cap);
}

static struct test_step const steps[] = {
	{ "threads", threads }, { "preemption", preemption }, { "fresh", fresh },
	{ "calls", calls }, { "calls of another domain", other_domain },
};

/* -- the other component: does the same all the time, and can be called -- */

static void keep_always(struct worker *worker)
{
	for (;; worker->count++)
		keep_rounds(worker);
}

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	base->object.dispatch = serve;
	return ERROR_OK;
}

static struct service service = {
	.name = "Fpu", .session_size = sizeof(struct session_object),
	.create = create,
};

static enum error other_main(struct env *env)
{
	test_env = env;
	endless  = true;
	check_ok(cpu_count(env->cpu, &test_cpus));
	workers_open(workers, WORKERS / 2, 0, keep_always);
	/* it has all the memory that it ever needs */
	for (unsigned i = 0; i < WORKERS / 2; i++)
		while (!*(uint64_t volatile *)&workers[i].count)
			test_sleep(500);
	return service_announce(&service, env);
}

enum error component_construct(struct env *env)
{
	wide = avx();
	if (hid_bool(env->config, "other", false))
		return other_main(env);
	/* when it is answered, the server has let go of the former life's */
	enum error const error = session_open(&other, env, "Fpu", NULL, 8192, 4);
	if (error)
		return error;
	log_info("%s", wide ? "with AVX" : "without AVX, which is skipped");
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
