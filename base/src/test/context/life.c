/* SPDX-License-Identifier: MIT */
/* Contexts that are poked, paused, killed, moved, attacked while they run */

/* public */
#include <util/string.h>

/* local */
#include "space.h"

static struct space   space;
static struct context context;
static struct thread  runners[8];

/* what runners saw */
static uint64_t volatile  runs, pokes, ended;
static enum error volatile outcome;

static void open(char const *code)
{
	space_open(&space, 512 * 1024, 100);
	code_open(&context, &space, code);
	runs = pokes = ended = 0;
	outcome = N_ERRORS;
}

static void close(void)
{
	context_close(&context);
	space_close(&space);
}

/** Run again and again, until it fails */
static void run_always(struct thread *thread)
{
	enum context_reason reason;
	enum error error;
	for (runs++; !(error = context_run(&context, &reason)); runs++)
		pokes += reason == CONTEXT_POKED;
	outcome = error;
	ended++;
}

static void start(unsigned runner, uint32_t cpu)
{
	check_ok(thread_open(&runners[runner], test_env, &(struct thread_args) {
		.entry = run_always, .name = "runner", .cpu = cpu % test_cpus,
		.priority = 32 }));
}

/** The code counts in its data page whenever it gets around to */
static void wait_count(uint64_t beyond)
{
	wait_for(space.data[0] > beyond, "stands still at %lu", space.data[0]);
}

/** A poke ends a run, and one that comes between runs the next one */
void run_poke(void)
{
	enum context_reason reason;
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		open(blob_spin);
		check_ok(context_poke(&context));
		check_ok(context_poke(&context));
		check_ok(context_run(&context, &reason));
		check(reason == CONTEXT_POKED, "returned for %u", reason);
		start(0, cpu);
		for (uint64_t i = 0; i < test_rounds(40); i++) {
			wait_count(space.data[0]);
			check(pokes == i, "%lu pokes seen of %lu", pokes, i);
			check_ok(context_poke(&context));
			wait_for(pokes == i + 1, "poke %lu is lost", i);
		}
		for (unsigned i = 0; i < 1000; i++)
			check_ok(context_poke(&context));
		wait_count(space.data[0]);
		thread_close(&runners[0]);
		close();
	}
}

/** A run ends by a poke although its memory does not come; it may come later */
void run_parked(void)
{
	struct rm_session rm;
	dataspace_cap_t   managed;
	signal_cap_t      asked;
	enum rm_access    access;
	uint64_t at, offset;
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		open(blob_read);
		check_ok(rm_open(&rm, test_env, &(struct session_args) {
			.text = "rm | size: 64K" }));
		check_ok(rm_dataspace(rm.cap, &managed));
		check_ok(thread_signal(test_env, &asked));
		check_ok(rm_fault_handler(rm.cap, asked));
		check_ok(rm_attach(space.rm, managed, HOLE, 0, 0, RM_FIXED, &at));
		context.state->general[CONTEXT_DI] = HOLE;
		context.state->dirty |= CONTEXT_GENERAL;
		start(0, cpu);
		for (uint64_t i = 1; i < 10; i++) {
			check(signal_wait(asked) > 0, "nobody asks");
			check_ok(rm_fault(rm.cap, &offset, &access));
			check(offset == 0 && pokes == i - 1, "offset %lx", offset);
			check_ok(context_poke(&context));
			wait_for(pokes == i, "poke %lu does not end the fault", i);
		}
		signal_wait(asked);
		thread_close(&runners[0]);   /* in the fault */
		start(0, cpu + 1);
		signal_wait(asked);
		check_ok(rm_attach(rm.cap, space.page, 0, 0, 4096,
		                   RM_WRITE | RM_FIXED, &at));
		uint64_t const before = runs;
		check_ok(rm_resume(rm.cap));
		wait_for(runs > before, "does not go on when it was answered");
		thread_close(&runners[0]);
		rm_close(&rm);
		cap_drop(managed.cap);
		thread_signal_close(test_env, &asked);
		close();
	}
}

/** One run at a time: all others are told, and nothing else happens to them */
void run_conflict(void)
{
	enum context_reason reason;
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		open(blob_spin);
		start(0, cpu);
		wait_count(0);
		for (unsigned i = 0; i < 100; i++)
			check_error(context_run(&context, &reason), ERROR_CONFLICT);
		start(1, cpu + 1);
		wait_for(ended == 1, "the second one runs");
		check(outcome == ERROR_CONFLICT, "%s", error_text(outcome));
		wait_count(space.data[0]);
		thread_close(&runners[0]);
		thread_close(&runners[1]);
		check_ok(context_poke(&context));
		run_until(&context, CONTEXT_POKED);
		close();
	}
}

/** The code goes where its runner goes, which is told by a poke */
void run_move(void)
{
	open(blob_spin);
	check_error(thread_move(context.thread, 0), ERROR_INVALID);
	start(0, 0);
	for (uint32_t i = 0; i < test_rounds(40); i++) {
		wait_count(space.data[0]);
		for (uint32_t k = 0; k <= i % 3; k++)
			check_ok(thread_move(runners[0].cap, (i + k) % test_cpus));
		wait_count(space.data[0]);
	}
	wait_for(test_cpus == 1 || pokes, "no move was told");
	check(test_cpus > 1 || !pokes, "%lu pokes", pokes);
	thread_close(&runners[0]);
	check_ok(context_poke(&context));
	run_until(&context, CONTEXT_POKED);
	close();
}

/** Who pauses the runner pauses the code */
void run_pause(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		open(blob_spin);
		start(0, cpu);
		for (uint64_t i = 1; i < test_rounds(20); i++) {
			wait_count(space.data[0]);
			check_ok(thread_pause(runners[0].cap));
			uint64_t const at = space.data[0];
			test_sleep(i % 5 ? 200 : 12000);
			check(space.data[0] == at, "%lu rounds while paused",
			      space.data[0] - at);
			check(pokes == i - 1, "%lu pokes", pokes);
			check_ok(thread_resume(runners[0].cap));
			wait_for(pokes == i, "the run was not ended");
		}
		check_ok(thread_pause(runners[0].cap));
		thread_close(&runners[0]);
		close();
	}
}

/** The next runner finds the context as the last one left it */
void run_kill(void)
{
	open(blob_spin);
	for (uint32_t i = 0; i < test_rounds(30); i++) {
		uint64_t const before = space.data[0];
		start(0, i);
		wait_count(before);
		thread_close(&runners[0]);
		uint64_t const at = space.data[0];
		check_ok(context_poke(&context));
		run_until(&context, CONTEXT_POKED);
		check(space.data[0] == at
		      && context.state->general[CONTEXT_BX] - at < 2,
		      "goes on without a runner: %lu, %lu, %lu", at,
		      space.data[0], context.state->general[CONTEXT_BX]);
	}
	close();
}

static void expect_gone(void)
{
	enum context_reason reason;
	wait_for(ended == 1, "runs on after its end");
	check(outcome == ERROR_GONE, "%s", error_text(outcome));
	check_error(context_run(&context, &reason), ERROR_GONE);
	check_error(context_poke(&context), ERROR_GONE);
	thread_close(&runners[0]);
}

void run_close(void)
{
	for (uint32_t i = 0; i < test_rounds(20); i++) {
		open(i % 2 ? blob_spin : blob_count);
		start(0, i / 2);
		wait_for(i % 2 ? space.data[0] > 0 : runs > 2, "does not run");
		check_ok(thread_kill(context.thread));
		expect_gone();
		close();
	}
}

void run_space_dies(void)
{
	for (uint32_t i = 0; i < test_rounds(20); i++) {
		open(i % 2 ? blob_spin : blob_count);
		start(0, i / 2);
		wait_for(i % 2 ? space.data[0] > 0 : runs > 2, "does not run");
		pd_close(&space.pd);
		expect_gone();
		check(context.state->ip == 0, "the page's owner is gone");
		close();
	}
}

enum { RUNNERS = 4, TURNS = 100 };

/** Threads on all CPUs take turns: registers go with the context */
static void take_turns(struct worker *worker)
{
	enum context_reason reason;
	while (worker->count < TURNS) {
		enum error const error = context_run(&context, &reason);
		if (error == ERROR_CONFLICT) {
			thread_yield();
			continue;
		}
		check_ok(error);
		check(reason == CONTEXT_SYSCALL, "reason %u", reason);
		worker->count++;
		__atomic_add_fetch(&runs, 1, __ATOMIC_SEQ_CST);
	}
}

void run_cpus(void)
{
	static struct worker worker[RUNNERS];
	open(blob_fpu);
	context.state->general[CONTEXT_AX] = 0x1234567812345678;
	context.state->general[CONTEXT_R8] = 0x1234567812345678;
	context.state->dirty |= CONTEXT_GENERAL;
	workers_open(worker, RUNNERS, 0, take_turns);
	workers_join(worker, RUNNERS);
	check(runs == RUNNERS * TURNS, "%lu runs", runs);
	close();
}

/** Timer interrupts on each CPU, one after the other */
static bool volatile calm;

static void interrupts(struct worker *worker)
{
	enum { US = 50 };
	struct signal_handler timer = { 0 };
	check_ok(thread_signal(test_env, &timer.cap));
	while (!calm) {
		check_ok(signal_handler_at(&timer, clock_us() + US));
		check(signal_wait(timer.cap) == 1, "not one timeout");
		worker->count++;
	}
	thread_signal_close(test_env, &timer.cap);
}

static uint64_t const pattern = 0x1234567812345678;

/** Runs with the own register, the context's, and one that goes in and out */
static void run_interrupted(struct worker *runner)
{
	struct context_state *const s = context.state;
	for (uint64_t i = 0; !calm; i++) {
		uint64_t found;
		s->general[CONTEXT_R15] = i;
		s->dirty |= CONTEXT_GENERAL;
		__asm__ volatile ("movq %0, %%xmm6" : : "r" (i) : "xmm6");
		run_until(&context, CONTEXT_SYSCALL);
		__asm__ volatile ("movq %%xmm6, %0" : "=r" (found));
		check(found == i, "our own register is %lx", found);
		check(s->general[CONTEXT_R15] == i
		      && s->general[CONTEXT_R8] == pattern, "run %lu: %lx, %lx",
		      i, s->general[CONTEXT_R15], s->general[CONTEXT_R8]);
		runner->count++;
	}
}

/**
 * Code that looks at its registers all the time, between interrupts that come
 * anywhere: in it, on its way out, and on its way in
 */
void run_storm(void)
{
	enum { CPUS = 4 };
	static struct worker runner, source[CPUS];
	unsigned const sources = test_cpus < CPUS ? test_cpus : CPUS;
	open(blob_fpu);
	context.state->general[CONTEXT_AX] = pattern;
	context.state->general[CONTEXT_R8] = pattern;
	context.state->dirty |= CONTEXT_GENERAL;
	calm = false;
	workers_open(&runner, 1, 32, run_interrupted);
	workers_open(source, sources, 0, interrupts);
	wait_for(runner.count > test_rounds(200) && source[0].count > 500,
	         "%lu runs, %lu interrupts", runner.count, source[0].count);
	calm = true;
	workers_join(source, sources);
	workers_join(&runner, 1);
	close();
}

/** Others change the page while the code runs, returns, faults */
static uint64_t volatile attacks;

static void attack(struct worker *worker)
{
	uint64_t seed = 0x9e3779b9 + worker->index;
	uint64_t volatile *const words = (uint64_t volatile *)context.state;
	while (!ended) {
		uint64_t const r = test_random(&seed);
		words[r % (sizeof *context.state / 8)] =
			r >> 32 & 1 ? test_random(&seed) : r >> 40 & 0xff;
		if (!(r >> 33 & 7))
			context.state->ip = address_of(blob_call);
		if (!(r >> 36 & 15) && context_poke(&context))
			break;
		attacks++;
		if (!(attacks % 64))
			thread_yield();
	}
}

void run_hostile(void)
{
	static struct worker worker[2];
	uint64_t seen[CONTEXT_REASONS] = { 0 }, invalid = 0;
	enum context_reason reason;
	open(blob_call);
	workers_open(worker, 2, 0, attack);
	for (unsigned i = 0; i < test_rounds(4000); i++) {
		enum error const error = context_run(&context, &reason);
		check(!error || error == ERROR_INVALID, "%s", error_text(error));
		check(error || reason < CONTEXT_REASONS, "reason %u", reason);
		if (error)
			invalid++;
		else
			seen[reason]++;
		if (!(i % 8))
			test_sleep(100);
	}
	ended = 1;
	workers_join(worker, 2);
	log_info("%lu pokes, %lu calls, %lu exceptions, %lu faults, %lu refused",
	         seen[0], seen[1], seen[2], seen[3], invalid);
	close();
}
