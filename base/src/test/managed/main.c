/* SPDX-License-Identifier: MIT */
/*
 * Property: a fault in a managed dataspace stops the thread, tells the handler
 * offset and kind of access, and lets the thread go on when it was answered, in
 * whatever order, on whichever CPU; who faults may die meanwhile.
 */

/* public */
#include <base/heap.h>
#include <session/rm.h>

/* local */
#include "test.h"

enum { PAGE = 4096, PAGES = 64, WORKERS = 8 };

static struct rm_session  rm;
static dataspace_cap_t    managed, memory;
static uint64_t           base;
static struct signal_handler faults;

static uint64_t volatile *word(uint64_t page)
{
	return (uint64_t volatile *)(base + page * PAGE);
}

static void open(void)
{
	check_ok(rm_open(&rm, test_env, &(struct session_args) {
		.text = "rm | size: 256K", .ram = 32768 }));
	check_ok(rm_dataspace(rm.cap, &managed));
	check_ok(ram_alloc(test_env, PAGES * PAGE, &memory));
	check_ok(rm_attach(test_env->rm, managed, 0, 0, 0, RM_WRITE, &base));
	faults = (struct signal_handler) { 0 };
	check_ok(thread_signal(test_env, &faults.cap));
	check_ok(rm_fault_handler(rm.cap, faults.cap));
}

static void close(void)
{
	ram_detach(test_env, (void *)base);
	check_ok(rm_fault_handler(rm.cap, (signal_cap_t) { 0 }));
	rm_close(&rm);
	thread_signal_close(test_env, &faults.cap);
	cap_drop(managed.cap);
	ram_free(test_env, memory);
}

static enum error answer(uint64_t page, uint32_t flags)
{
	uint64_t at;
	return rm_attach(rm.cap, memory, page * PAGE, page * PAGE, PAGE,
	                 flags | RM_FIXED, &at);
}

/* -- one thread, one fault -- */

static uint64_t volatile done;
static unsigned char const code[] = { 0xb8, 42, 0, 0, 0, 0xc3 }; /* 42 */

static void read_page(struct worker *worker)
{
	done = *word(3) + 1;
}

static void write_page(struct worker *worker)
{
	*word(4) = 44;
	done = *word(4);
}

static void execute_page(struct worker *worker)
{
	int (*const function)(void) = (int (*)(void))(base + 5 * PAGE);
	done = (uint64_t)function();
}

/** Signals of faults that were asked for without waiting */
static void forget_signals(void)
{
	check_ok(signal_submit(faults.cap));
	check(signal_wait(faults.cap) > 0, "not even the own one");
}

static void one(void (*run)(struct worker *), uint64_t page, enum rm_access kind,
                uint32_t flags, uint64_t result)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		static struct worker workers[2];
		uint64_t at = 1;
		enum rm_access access = RM_ACCESS_READ;
		done = 0;
		check_error(rm_fault(rm.cap, &at, &access), ERROR_AGAIN);
		forget_signals();
		/* the second one, which is on another CPU, comes later */
		workers_open(workers, 1 + cpu, 0, run);
		check(signal_wait(faults.cap) > 0, "no signal");
		check_ok(rm_fault(rm.cap, &at, &access));
		check(at / PAGE == page && access == kind, "%u of %lx", access, at);
		if (cpu) {
			wait_for(rm_fault(rm.cap, &at, &access) == ERROR_OK,
			         "the second fault does not come");
			check(at / PAGE == page && access == kind, "%u of %lx", access,
			      at);
		}
		test_sleep(300);
		check(!done, "went on without an answer");
		/* resumed without an answer, it asks again */
		check_ok(rm_resume(rm.cap));
		wait_for(rm_fault(rm.cap, &at, &access) == ERROR_OK,
		         "does not ask again");
		check(!done, "went on without an answer");
		check_ok(answer(page, flags));
		check_ok(rm_resume(rm.cap));
		workers_join(workers, 1 + cpu);
		check(done == result, "result %lu", done);
		check_ok(rm_detach(rm.cap, page * PAGE));
	}
}

static void kinds(void)
{
	void *at;
	open();
	one(read_page, 3, RM_ACCESS_READ, RM_READ, 1);
	one(write_page, 4, RM_ACCESS_WRITE, RM_WRITE, 44);
	ram_detach(test_env, (void *)base);
	check_ok(ram_attach(test_env, memory, true, &at));
	for (unsigned i = 0; i < sizeof code; i++)
		((char volatile *)at)[5 * PAGE + i] = (char)code[i];
	ram_detach(test_env, at);
	check_ok(rm_attach(test_env->rm, managed, 0, 0, 0, RM_EXEC, &base));
	one(execute_page, 5, RM_ACCESS_EXEC, RM_EXEC, 42);
	close();
}

/** Write to what is attached for reading: a fault of its own */
static void upgrade(void)
{
	static struct worker worker;
	uint64_t at;
	enum rm_access access;
	open();
	check_ok(answer(4, RM_READ));
	check(!*word(4), "not zero");
	workers_open(&worker, 1, 0, write_page);
	check(signal_wait(faults.cap) > 0, "no signal");
	check_ok(rm_fault(rm.cap, &at, &access));
	check(at / PAGE == 4 && access == RM_ACCESS_WRITE, "%u of %lx", access, at);
	check_ok(rm_detach(rm.cap, 4 * PAGE));
	check_ok(answer(4, RM_WRITE));
	check_ok(rm_resume(rm.cap));
	workers_join(&worker, 1);
	check(done == 44, "result %lu", done);
	close();
}

/* -- many threads, all pages, pages taken back while they are used -- */

static void wander(struct worker *worker)
{
	uint64_t seed = worker->index + 1;
	for (unsigned i = 0; i < test_rounds(150) + 30; i++) {
		uint64_t const page = test_random(&seed) % PAGES;
		uint64_t const mine = page * 100 + worker->index;
		uint64_t volatile *const p = word(page) + worker->index;
		check(!*p || *p == mine, "page %lu holds %lx", page, *p);
		*p = mine;
		check(*p == mine, "page %lu lost a write", page);
	}
	worker->count = 1;
	error_ignore(signal_submit(faults.cap), "wake the pager to see it");
}

static bool all_done(struct worker const *workers)
{
	for (unsigned i = 0; i < WORKERS; i++)
		if (!*(uint64_t volatile const *)&workers[i].count)
			return false;
	return true;
}

static void paging(void)
{
	static struct worker workers[WORKERS];
	uint64_t seed = 99, at;
	unsigned answered = 0, present = 0;
	enum rm_access access;
	bool there[PAGES] = { false };
	open();
	workers_open(workers, WORKERS, 0, wander);
	while (!all_done(workers)) {
		signal_wait(faults.cap);
		while (!rm_fault(rm.cap, &at, &access)) {
			uint64_t const page = at / PAGE;
			if (there[page])
				continue; /* another thread's fault brought it */
			check_ok(answer(page, RM_WRITE));
			there[page] = true;
			answered++;
			/* few page frames: another one has to go */
			if (++present > 6) {
				uint64_t victim = test_random(&seed) % PAGES;
				while (!there[victim] || victim == page)
					victim = (victim + 1) % PAGES;
				check_ok(rm_detach(rm.cap, victim * PAGE));
				there[victim] = false;
				present--;
			}
		}
		check_ok(rm_resume(rm.cap));
	}
	workers_join(workers, WORKERS);
	check(answered > PAGES, "%u faults for %d pages", answered, PAGES);
	close();
}

/** Those who wait for an answer are killed, or the map is closed over them */
static void death(void)
{
	static struct worker workers[4];
	uint64_t at;
	enum rm_access access;
	open();
	workers_open(workers, 4, 0, read_page);
	wait_for(rm_fault(rm.cap, &at, &access) == ERROR_OK, "no fault");
	test_sleep(1000);
	workers_close(workers, 4);
	check_error(rm_fault(rm.cap, &at, &access), ERROR_AGAIN);
	check_ok(rm_resume(rm.cap));
	/* and nothing is left of them for who comes next */
	one(read_page, 3, RM_ACCESS_READ, RM_READ, 1);
	close();
}

static void map_closed(void)
{
	static struct worker workers[4];
	struct cpu_session cpu;
	struct env *const former = test_env;
	struct env env = *test_env;
	uint64_t at;
	enum rm_access access;
	/* they will fault for good: not in the session that our parent watches */
	check_ok(cpu_open(&cpu, test_env, NULL));
	env.cpu = cpu.cap;
	open();
	test_env = &env;
	workers_open(workers, 4, 0, read_page);
	test_env = former;
	wait_for(rm_fault(rm.cap, &at, &access) == ERROR_OK, "no fault");
	done = 0;
	rm_close(&rm);
	test_sleep(1000);
	check(!done || done == 1, "read %lx out of a dead map", done);
	workers_close(workers, 4);
	ram_detach(test_env, (void *)base);
	thread_signal_close(test_env, &faults.cap);
	cap_drop(managed.cap);
	ram_free(test_env, memory);
	cpu_close(&cpu);
}

static struct test_step const steps[] = {
	{ "kinds of access", kinds }, { "upgrade", upgrade },
	{ "paging", paging },
	{ "death of who waits", death }, { "death of the map", map_closed },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
