/* SPDX-License-Identifier: MIT */
/*
 * Property: a thread runs on the CPU that was asked for, and nowhere else, also
 * while calls and signals cross CPUs; a CPU session has the CPUs of its
 * affinity; there are no others.
 */

#include "test.h"

enum { WORKERS = 12, ROUNDS = 2000 };

static struct worker workers[WORKERS];
static unsigned volatile apic_id[WORKERS];

/** Number of the CPU as the hardware tells it (CPUID 1, EBX 31–24) */
static unsigned here(void)
{
	uint32_t a = 1, b, c = 0, d;
	__asm__ volatile ("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b >> 24;
}

static enum error ask_here(struct rpc_object *object, struct rpc_message *m)
{
	m->words = 1;
	m->caps  = 0;
	m->word[0] = here();
	return ERROR_OK;
}

static void stay(struct worker *worker)
{
	unsigned const id = here();
	apic_id[worker->index] = id;
	for (unsigned i = 0; i < ROUNDS; i++) {
		thread_yield();
		if (i % 200 == 0)
			test_sleep(100);
		check(here() == id, "thread %u moved from CPU %u to %u",
		      worker->index, id, here());
	}
}

static void as_asked(void)
{
	workers_open(workers, WORKERS, 0, stay);
	workers_join(workers, WORKERS);
	for (unsigned i = 0; i < WORKERS; i++)
		for (unsigned k = 0; k < i; k++)
			check((i % test_cpus == k % test_cpus)
			      == (apic_id[i] == apic_id[k]),
			      "threads %u and %u of %u CPUs run on %u and %u", i, k,
			      test_cpus, apic_id[i], apic_id[k]);
}

/** A server runs on its own CPU, and the caller returns to where it was */
static void calls(void)
{
	for (uint32_t cpu = 0; cpu < test_cpus; cpu++) {
		struct entrypoint *const ep = server_open("server", cpu, 0);
		struct rpc_object object;
		server_object(&object, ep, ask_here);
		unsigned const id = here();
		for (unsigned i = 0; i < 200; i++) {
			uint64_t there = 0;
			check_ok(server_call(object.cap, &there));
			check(there == apic_id[cpu], "server of CPU %u ran on %lu", cpu,
			      there);
			check(here() == id, "the caller moved");
		}
		entrypoint_close(ep);
	}
}

/** A thread that spins there until it is told the CPU it ran on */
static void tell(struct thread *thread)
{
	apic_id[0] = here();
}

static void part_of_the_machine(void)
{
	for (uint32_t first = 0; first < test_cpus; first++) {
		struct session_args const args = {
			.affinity = { first, test_cpus - first }, .ram = 65536 };
		struct cpu_session cpu;
		struct env env = *test_env;
		uint32_t count;
		check_ok(cpu_open(&cpu, test_env, &args));
		check_ok(cpu_count(cpu.cap, &count));
		check(count == test_cpus - first, "%u CPUs from %u on", count, first);
		env.cpu = cpu.cap;
		unsigned const expected = apic_id[first];
		unsigned const former   = apic_id[0];
		struct thread thread;
		check_ok(thread_open(&thread, &env, &(struct thread_args) {
			.entry = tell, .name = "first of the session" }));
		thread_join(&thread);
		check(apic_id[0] == expected, "CPU %u of the session is %u", first,
		      apic_id[0]);
		apic_id[0] = former;
		thread_close(&thread);
		check_error(thread_open(&thread, &env, &(struct thread_args) {
			.entry = tell, .cpu = count }), ERROR_INVALID);
		cpu_close(&cpu);
	}
}

static void no_such_cpu(void)
{
	static uint32_t const wrong[] = { 64, 255, 0x10000, ~0u };
	struct thread thread;
	check_error(thread_open(&thread, test_env, &(struct thread_args) {
		.entry = tell, .cpu = test_cpus }), ERROR_INVALID);
	for (unsigned i = 0; i < 4; i++)
		check_error(thread_open(&thread, test_env, &(struct thread_args) {
			.entry = tell, .cpu = wrong[i] }), ERROR_INVALID);
}

static struct test_step const steps[] = {
	{ "as asked", as_asked }, { "calls", calls },
	{ "part of the machine", part_of_the_machine },
	{ "no such CPU", no_such_cpu },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
