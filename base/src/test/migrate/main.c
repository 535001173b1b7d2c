/* SPDX-License-Identifier: MIT */
/*
 * Property: a thread can be told at any time to go on at another CPU. It gets
 * there, runs there only, and nobody notices otherwise: calls have one outcome,
 * signals are counted, timeouts come, registers stay, paused ones stand still.
 */

/* public */
#include <util/string.h>

/* local */
#include "migrate.h"

static unsigned ids[64];

/** CPUID 1, EBX 31–24 */
unsigned here(void)
{
	uint32_t a = 1, b, c = 0, d;
	__asm__ volatile ("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b >> 24;
}

unsigned apic_id(uint32_t cpu) { return ids[cpu]; }

thread_cap_t named(char const *name)
{
	char found[32];
	thread_cap_t cap;
	for (uint32_t id = 0;;) {
		check_ok(cpu_thread(test_env->cpu, id, &id, &cap, found));
		if (string_equal(found, name))
			return cap;
		cap_drop(cap.cap);
	}
}

static void note(struct worker *worker) { ids[worker->index] = here(); }

/** Those that were created on a CPU stay there (run/affinity) */
static void where(void)
{
	static struct worker workers[64];
	workers_open(workers, test_cpus, 0, note);
	workers_join(workers, test_cpus);
}

static struct test_step const steps[] = {
	{ "where", where },
	{ "refused", refuses },
	{ "running", moves_running },
	{ "registers", moves_registers },
	{ "waiting", moves_waiting },
	{ "paused", moves_paused },
	{ "in a fault", moves_parked },
	{ "new", moves_new },
	{ "killed", moves_killed },
	{ "sessions", moves_sessions },
	{ "priority", keeps_priority },
	{ "reply", moves_after_reply },
	{ "lists", lists_all },
	{ "dying", moves_dying },
	{ "calls", storm_of_calls },
	{ "signals", storm_of_signals },
	{ "deaths", storm_of_deaths },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
