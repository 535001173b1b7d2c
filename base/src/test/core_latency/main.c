/* SPDX-License-Identifier: MIT */
/*
 * Property: however much a client built up, no call of core takes longer than
 * about 20,000 instructions. A neighbour lets core do the largest things; a witness
 * of higher priority, which wakes up all the time, never waits longer for a cheap
 * call. How long is judged in virtual time only: 'exact' in the configuration.
 */

/* public */
#include <base/heap.h>
#include <base/hid.h>
#include <session/log.h>
#include <session/parent.h>
#include <session/rm.h>

/* local */
#include "test.h"

enum { PAGE = 4096, LIMIT = 35000, EVERY_US = 3, LOW = 10,
       LOG_US = 10000 /* until what was logged is written */ };

static bool exact;

/* -- witness -- */

static bool volatile  done;
static void         (*neighbour)(void);

static void be_neighbour(struct worker *worker)
{
	neighbour();
	done = true;
}

/** How long a call takes while core does what the neighbour wants */
static uint64_t longest_call(void)
{
	uint64_t longest = 0;
	while (!done) {
		test_sleep(EVERY_US);
		uint64_t const begin = __builtin_ia32_rdtsc();
		test_account();
		uint64_t const ticks = __builtin_ia32_rdtsc() - begin;
		longest = ticks > longest ? ticks : longest;
	}
	return longest;
}

static void beside(char const *what, void (*work)(void))
{
	struct worker worker;
	test_sleep(LOG_US);
	neighbour = work;
	done      = false;
	workers_open(&worker, 1, LOW, be_neighbour);
	uint64_t const longest = longest_call();
	workers_join(&worker, 1);
	if (exact)
		log_info("longest call: %lu instructions (%s)", longest, what);
	check(!exact || longest <= LIMIT, "%s: %lu instructions", what, longest);
}

/* -- memory in many places -- */

enum { PLACES = 300, VIEWS = 100, CLONES = 60, BIG = 4 << 20 };

static dataspace_cap_t memory, views[VIEWS], clones[CLONES];
static uint64_t        at[PLACES];

static void touch(uint64_t address) { *(uint8_t volatile *)address; }

static void attach_all(uint32_t flags)
{
	for (unsigned i = 0; i < PLACES; i++) {
		check_ok(rm_attach(test_env->rm, memory, 0, 0, 0, flags, &at[i]));
		touch(at[i]);
	}
}

static void make(void)
{
	check_ok(ram_alloc(test_env, 4 * PAGE, &memory));
	attach_all(RM_WRITE);
}

static void unmake(void)
{
	check_ok(pd_ram_free(test_env->pd, memory));
	cap_drop(memory.cap);
}

static void seal(void)    { check_ok(pd_ram_seal(test_env->pd, memory)); }
static void free_it(void) { check_ok(pd_ram_free(test_env->pd, memory)); }

static void clone(void)
{
	check_ok(pd_ram_clone(test_env->pd, memory, &clones[0]));
}

static void write_to_original(void) { *(uint8_t volatile *)at[0] = 1; }

static void sealing(void)
{
	make();
	beside("seal", seal);
	unmake();
}

static void freeing(void)
{
	make();
	beside("free", free_it);
	cap_drop(memory.cap);
}

static void viewing(void)
{
	uint64_t here;
	make();
	for (unsigned i = 0; i < VIEWS; i++) {
		check_ok(pd_ram_view(test_env->pd, memory, &views[i]));
		check_ok(rm_attach(test_env->rm, views[i], 0, 0, 0, 0, &here));
		touch(here);
	}
	beside("seal with views", seal);
	beside("free with views", free_it);
	cap_drop(memory.cap);
	for (unsigned i = 0; i < VIEWS; i++)
		ram_free(test_env, views[i]);
}

static void cloning(void)
{
	uint64_t here;
	make();
	beside("clone", clone);
	for (unsigned i = 1; i < CLONES; i++)
		check_ok(pd_ram_clone(test_env->pd, memory, &clones[i]));
	for (unsigned i = 0; i < CLONES; i++) {
		check_ok(rm_attach(test_env->rm, clones[i], 0, 0, 0, 0, &here));
		touch(here);
	}
	beside("write to an original", write_to_original);
	beside("free an original", free_it);
	cap_drop(memory.cap);
	for (unsigned i = 0; i < CLONES; i++)
		ram_free(test_env, clones[i]);
}

static void *big;

static void detach_big(void)
{
	check_ok(rm_detach(test_env->rm, (uint64_t)big));
}

/** Many pages, each mapped alone */
static void large_region(void)
{
	check_ok(ram_alloc(test_env, BIG, &memory));
	check_ok(ram_attach(test_env, memory, true, &big));
	for (unsigned i = 0; i < BIG; i += PAGE)
		touch((uint64_t)big + i);
	beside("detach", detach_big);
	ram_free(test_env, memory);
}

/* -- managed dataspaces -- */

enum { WAITERS = 40 };

static struct rm_session rm;
static uint64_t          inside[PLACES];

static void detach_inside(void)
{
	for (unsigned i = 0; i < 4; i++)
		check_ok(rm_detach(rm.cap, inside[i]));
}

static void close_rm(void) { rm_close(&rm); }

static void nesting(void)
{
	dataspace_cap_t managed;
	check_ok(rm_open(&rm, test_env, &(struct session_args) {
		.text = "rm | size: 4M", .ram = 128 * 1024 }));
	check_ok(rm_dataspace(rm.cap, &managed));
	check_ok(ram_alloc(test_env, PAGE, &memory));
	for (unsigned i = 0; i < PLACES; i++)
		check_ok(rm_attach(rm.cap, memory, 0, 0, 0, 0, &inside[i]));
	for (unsigned i = 0; i < PLACES; i++) {
		check_ok(rm_attach(test_env->rm, managed, 0, 0, 0, 0, &at[i]));
		touch(at[i] + inside[0]);
	}
	beside("detach inside", detach_inside);
	beside("close a managed dataspace", close_rm);
	for (unsigned i = 0; i < PLACES; i++)
		check_ok(rm_detach(test_env->rm, at[i]));
	cap_drop(managed.cap);
	ram_free(test_env, memory);
}

static uint64_t fault_at;

static void fault(struct worker *worker) { touch(fault_at); }

static void resume(void) { check_ok(rm_resume(rm.cap)); }

static void resuming(void)
{
	static struct worker waiters[WAITERS];
	dataspace_cap_t managed;
	signal_cap_t signal;
	uint64_t address;
	enum rm_access access;
	check_ok(thread_signal(test_env, &signal));
	check_ok(rm_open(&rm, test_env, &(struct session_args) {
		.text = "rm | size: 64K", .ram = 16 * 1024 }));
	check_ok(rm_fault_handler(rm.cap, signal));
	check_ok(rm_dataspace(rm.cap, &managed));
	check_ok(ram_alloc(test_env, PAGE, &memory));
	check_ok(rm_attach(test_env->rm, managed, 0, 0, 0, 0, &fault_at));
	workers_open(waiters, WAITERS, 0, fault);
	for (unsigned told = 0; told < WAITERS;)
		if (rm_fault(rm.cap, &address, &access))
			test_sleep(500);
		else
			told++;
	check_ok(rm_attach(rm.cap, memory, 0, 0, 0, RM_FIXED, &address));
	beside("resume", resume);
	workers_join(waiters, WAITERS);
	check_ok(rm_detach(test_env->rm, fault_at));
	rm_close(&rm);
	cap_drop(managed.cap);
	ram_free(test_env, memory);
	thread_signal_close(test_env, &signal);
}

/* -- domains, threads -- */

enum { DOMAINS = 4, THREADS = 40, OBJECTS = 150, CONTEXTS = 200 };

static struct cpu_session cpu;
static struct pd_session  pds[DOMAINS];

static void populate(pd_cap_t pd)
{
	thread_cap_t thread[THREADS];
	object_cap_t portal;
	rm_cap_t space;
	dataspace_cap_t ds;
	uint64_t unused;
	for (unsigned i = 0; i < THREADS; i++)
		check_ok(cpu_thread_create(cpu.cap, pd, "idle", 0, LOW,
		                           &thread[i], &unused));
	check_ok(pd_address_space(pd, &space));
	for (unsigned i = 0; i < OBJECTS; i++) {
		check_ok(pd_portal_create(pd, thread[i % 2], i, &portal));
		cap_drop(portal.cap);
		check_ok(pd_ram_alloc(pd, PAGE, 0, &ds));
		check_ok(rm_attach(space, ds, 0, 0, 0, RM_WRITE, &unused));
		cap_drop(ds.cap);
	}
	cap_drop(space.cap);
	for (unsigned i = 0; i < THREADS; i++)
		cap_drop(thread[i].cap);
}

/** Contexts, of which the first one's page is in many places */
static void populate_with_contexts(pd_cap_t pd, thread_cap_t *first)
{
	for (unsigned i = 0; i < CONTEXTS; i++) {
		thread_cap_t thread;
		context_cap_t context;
		dataspace_cap_t page;
		check_ok(cpu_context_create(cpu.cap, pd, "idle", &thread,
		                            &context, &page));
		for (unsigned k = 0; !i && k < PLACES; k++) {
			check_ok(rm_attach(test_env->rm, page, 0, 0, 0, 0,
			                   &at[k]));
			touch(at[k]);
		}
		cap_drop(context.cap);
		cap_drop(page.cap);
		if (i)
			cap_drop(thread.cap);
		else
			*first = thread;
	}
}

static void cpu_time_of_all(void)
{
	uint64_t us;
	for (unsigned i = 0; i < 20; i++)
		check_ok(cpu_time(cpu.cap, &us));
}

static thread_cap_t seen;

static void close_pd(void)  { pd_close(&pds[0]); }
static void kill_seen(void) { check_ok(thread_kill(seen)); }
static void close_cpu(void) { cpu_close(&cpu); }

static void domains(void)
{
	check_ok(cpu_open(&cpu, test_env, NULL));
	for (unsigned i = 0; i < DOMAINS; i++) {
		check_ok(pd_open(&pds[i], test_env, &(struct session_args) {
			.ram = 2 << 20, .caps = THREADS + 2 * OBJECTS + 20 }));
		populate(pds[i].cap);
	}
	beside("time of a CPU session", cpu_time_of_all);
	beside("close a domain", close_pd);
	beside("close a CPU session", close_cpu);
	for (unsigned i = 1; i < DOMAINS; i++)
		pd_close(&pds[i]);
}

static void contexts(void)
{
	check_ok(cpu_open(&cpu, test_env, NULL));
	check_ok(pd_open(&pds[0], test_env, &(struct session_args) {
		.ram = 4 << 20, .caps = 3 * CONTEXTS + 20 }));
	populate_with_contexts(pds[0].cap, &seen);
	beside("kill a context", kill_seen);
	beside("close a domain with contexts", close_pd);
	cap_drop(seen.cap);
	cpu_close(&cpu);
	for (unsigned i = 0; i < PLACES; i++)
		check_ok(rm_detach(test_env->rm, at[i]));
}

/* -- small services -- */

static void log_lines(void)
{
	char text[LOG_TEXT];
	for (unsigned i = 0; i < sizeof text - 1; i++)
		text[i] = '\n';
	text[sizeof text - 1] = 0;
	struct log_session log;
	check_ok(log_open(&log, test_env, NULL));
	for (unsigned i = 0; i < 3; i++)
		check_ok(log_write(log.cap, text));
	log_close(&log);
}

static void open_and_close(void)
{
	for (unsigned i = 0; i < 30; i++) {
		struct pd_session pd;
		check_ok(pd_open(&pd, test_env, NULL));
		pd_close(&pd);
	}
}

static void services(void)
{
	beside("open and close domains", open_and_close);
	beside("lines to the log", log_lines);
	test_sleep(20 * LOG_US);
}

static struct test_step const steps[] = {
	{ "seal", sealing }, { "free", freeing }, { "views", viewing },
	{ "clones", cloning }, { "large region", large_region },
	{ "managed", nesting }, { "resume", resuming }, { "domains", domains },
	{ "contexts", contexts },
	{ "services", services },
};

enum error component_construct(struct env *env)
{
	exact = hid_bool(env->config, "exact", false);
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
