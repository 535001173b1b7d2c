/* SPDX-License-Identifier: MIT */
/*
 * Property: who holds a thread's capability can stop it anywhere, read and set
 * its registers, let it go on by one instruction, and answer its exceptions;
 * and can do so in any order, also while the thread is ended.
 */

/* public */
#include <base/heap.h>
#include <session/rm.h>
#include <util/string.h>

/* local */
#include "subject.h"

extern char const code_pattern[], code_pattern_loop[], code_store[],
	code_stored[], code_nops[], code_breakpoint[], code_read[],
	code_undefined[];

enum { IF = 1 << 9, CF = 1, IOPL = 3 << 12 };

struct subject     subjects[8];
struct cpu_session own_cpu;

void subject_create(struct subject *s, cpu_cap_t cpu, uint32_t index)
{
	uint64_t utcb;
	memset(s, 0, sizeof *s);
	check_ok(cpu_thread_create(cpu, test_env->pd, "subject",
	                           index % test_cpus, 32, &s->cap, &utcb));
	check_ok(thread_signal(test_env, &s->signal));
	check_ok(thread_exception_handler(s->cap, s->signal));
}

void subject_start(struct subject *s, uint32_t cpu, char const *code,
                   uint64_t argument)
{
	subject_create(s, own_cpu.cap, cpu);
	check_ok(thread_start(s->cap, address(code), address(s->stack + 64),
	                      argument));
}

static void start(struct subject *s, uint32_t cpu, char const *code)
{
	subject_start(s, cpu, code, address(s->word));
}

void subject_end(struct subject *s)
{
	check_ok(thread_kill(s->cap));
	cap_drop(s->cap.cap);
	thread_signal_close(test_env, &s->signal);
}

struct thread_state subject_state(struct subject const *s)
{
	struct thread_state state;
	check_ok(thread_state(s->cap, &state));
	return state;
}

struct thread_state subject_hold(struct subject const *s)
{
	struct thread_state state;
	for (unsigned patience = 1000; patience--; ) {
		check_ok(thread_pause(s->cap));
		state = subject_state(s);
		if (state.settable)
			return state;
		check_ok(thread_resume(s->cap));
		test_sleep(200);
	}
	check(false, "it never leaves a fault");
	return state;
}

struct thread_state subject_stopped(struct subject const *s, uint64_t vector)
{
	check(signal_wait(s->signal) == 1, "not one signal for one exception");
	struct thread_state const state = subject_state(s);
	check(state.trap == vector + 1, "exception %lu, not %lu, at %lx",
	      state.trap - 1, vector, state.ip);
	check(state.settable, "in an exception, but not settable");
	return state;
}

/* -- registers -- */

static void read_registers(void)
{
	struct thread_state s = { 0 };
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		start(&subjects[0], cpu, code_pattern);
		check_error(thread_state(subjects[0].cap, &s), ERROR_CONFLICT);
		check_error(thread_set_state(subjects[0].cap, &s), ERROR_CONFLICT);
		do {
			check_ok(thread_resume(subjects[0].cap));
			test_sleep(1000);
			check_ok(thread_pause(subjects[0].cap));
			s = subject_state(&subjects[0]);
		} while (s.ip != address(code_pattern_loop));
		uint64_t const base = address(subjects[0].word);
		uint64_t const got[] = { s.ax, s.bx, s.cx, s.dx, s.si, s.di, s.bp,
			0, s.r8, s.r9, s.r10, s.r11, s.r12, s.r13, s.r14, s.r15 };
		for (unsigned i = 0; i < 16; i++)
			check(i == 7 || got[i] == base + i, "register %u is %lx",
			      i, got[i]);
		check(s.sp == address(subjects[0].stack + 64), "SP is %lx", s.sp);
		check(s.flags & CF && s.flags & IF && s.settable && !s.trap,
		      "flags %lx", s.flags);
		subject_end(&subjects[0]);
	}
}

static void set_registers(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		struct subject *const x = &subjects[0];
		start(x, cpu, code_nops);
		subject_hold(x);
		struct thread_state const s = {
			.ax = 100, .bx = 101, .cx = 102, .dx = 103, .si = 104,
			.di = 105, .bp = 106, .sp = address(x->word),
			.r8 = 108, .r9 = 109, .r10 = 110, .r11 = 111,
			.r12 = 112, .r13 = 113, .r14 = 114, .r15 = 115,
			.ip = address(code_store),
		};
		check_ok(thread_set_state(x->cap, &s));
		check(!x->word[16], "it runs while it is paused");
		check_ok(thread_resume(x->cap));
		wait_for(x->word[16], "it does not go on");
		for (uint64_t i = 0; i < 16; i++)
			check(i == 7 || x->word[i] == 100 + i, "register %lu is "
			      "%lu", i, x->word[i]);
		subject_end(x);
	}
}

/** What user mode may not have is refused, or left out */
static void set_invalid(void)
{
	static uint64_t const kernel[] = { 0x00007ffffffff000,
		0x0000800000000000, 0xffff800000000000, ~(uint64_t)0 };
	struct subject *const x = &subjects[0];
	start(x, 0, code_nops);
	struct thread_state const good = subject_hold(x);
	for (unsigned i = 0; i < sizeof kernel / sizeof *kernel; i++) {
		struct thread_state s = good;
		s.ip = kernel[i];
		check_error(thread_set_state(x->cap, &s), ERROR_INVALID);
		s = good;
		s.fs = kernel[i];
		check_error(thread_set_state(x->cap, &s), ERROR_INVALID);
	}
	struct thread_state s = good;
	s.flags = ~(uint64_t)(IF | TF);
	check_ok(thread_set_state(x->cap, &s));
	s = subject_state(x);
	check(s.flags & IF && !(s.flags & IOPL), "flags are %lx", s.flags);
	check_ok(thread_set_state(x->cap, &good));
	check_ok(thread_resume(x->cap));
	subject_end(x);
}

static signal_cap_t wanted;

static void wait_wanted(struct worker *worker)
{
	check_ok(thread_signal(test_env, &wanted));
	worker->count = 1;
	while (signal_wait(wanted) && worker->count < 3)
		worker->count++;
}

bool paused_in_call(thread_cap_t thread, struct thread_state *s)
{
	check_ok(thread_pause(thread));
	check_ok(thread_state(thread, s));
	if (s->settable)
		check_ok(thread_resume(thread));
	return !s->settable;
}

/** Within a system call it can be read, but what it waits for comes first */
static void in_call(void)
{
	struct worker waiter;
	struct thread_state s;
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		workers_open(&waiter, 1, 0, wait_wanted);
		wait_for(*(uint64_t volatile *)&waiter.count, "does not run");
		wait_for(paused_in_call(waiter.thread.cap, &s), "does not wait");
		check(s.ip && s.sp, "nothing to be read in a call");
		check_error(thread_set_state(waiter.thread.cap, &s), ERROR_CONFLICT);
		check_ok(signal_submit(wanted));
		test_sleep(1000);
		check(waiter.count == 1, "goes on while it is paused");
		check_ok(thread_resume(waiter.thread.cap));
		wait_for(*(uint64_t volatile *)&waiter.count == 2, "stands");
		workers_close(&waiter, 1);
		thread_signal_close(test_env, &wanted);
	}
}

/* -- steps, exceptions -- */

static void set_flag(struct subject *x, struct thread_state *s, bool on)
{
	s->flags = on ? s->flags | TF : s->flags & ~(uint64_t)TF;
	check_ok(thread_set_state(x->cap, s));
}

static void step(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		struct subject *const x = &subjects[0];
		start(x, cpu, code_nops);
		struct thread_state s = subject_hold(x);
		s.ip = address(code_nops);
		set_flag(x, &s, true);
		for (uint64_t i = 1; i <= 64; i++) {
			check_ok(thread_resume(x->cap));
			s = subject_stopped(x, DEBUG);
			check(s.ip == address(code_nops) + i, "step %lu ends at "
			      "%lx", i, s.ip - address(code_nops));
		}
		check_ok(thread_resume(x->cap));
		s = subject_stopped(x, DEBUG);
		check(s.ip == address(code_nops), "not back after a jump");
		set_flag(x, &s, false);
		check_ok(thread_resume(x->cap));
		test_sleep(2000);
		check_ok(thread_pause(x->cap));
		check(!subject_state(x).trap, "steps on without the flag");
		subject_end(x);
	}
}

static void breakpoint(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		struct subject *const x = &subjects[0];
		start(x, cpu, code_breakpoint);
		for (uint64_t i = 1; i <= test_rounds(200); i++) {
			struct thread_state const s = subject_stopped(x, BREAKPOINT);
			check(s.ip == address(code_breakpoint) + 4, "at %lx", s.ip);
			check(x->word[0] == i, "%lu of %lu", x->word[0], i);
			check_ok(thread_resume(x->cap));
		}
		subject_end(x);
	}
}

/** The cause is repaired, and the instruction executed again; or passed over */
static void repair(void)
{
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		struct subject *const x = &subjects[0];
		uint64_t const hole = 0x700000000000;
		dataspace_cap_t ds;
		uint64_t at;
		start(x, cpu, code_undefined);
		struct thread_state s = subject_stopped(x, UNDEFINED);
		s.ip = address(code_read);
		s.si = hole;
		check_ok(thread_set_state(x->cap, &s));
		check_ok(thread_resume(x->cap));
		s = subject_stopped(x, PAGE_FAULT);
		check(s.address == hole, "fault at %lx", s.address);
		check_ok(ram_alloc(test_env, 4096, &ds));
		check_ok(rm_attach(test_env->rm, ds, hole, 0, 0, RM_FIXED, &at));
		check_ok(thread_resume(x->cap));
		wait_for(x->word[0] == 1, "does not go on, word %lu", x->word[0]);
		subject_end(x);
		ram_detach(test_env, (void *)hole);
		ram_free(test_env, ds);
	}
}

/** Paused in an exception: one call lets it go on, not less */
static void pause_stopped(void)
{
	struct subject *const x = &subjects[0];
	start(x, 1, code_breakpoint);
	for (uint64_t i = 1; i <= 10; i++) {
		subject_stopped(x, BREAKPOINT);
		check_ok(thread_pause(x->cap));
		test_sleep(500);
		check(x->word[0] == i, "runs while it is paused");
		check(subject_state(x).trap == BREAKPOINT + 1, "the exception is gone");
		check_ok(thread_resume(x->cap));
	}
	subject_stopped(x, BREAKPOINT);
	subject_end(x);
}

/** Without a handler of its own it is the session's business; it can go on, too */
static void session_handler(void)
{
	struct cpu_session cpu;
	struct cpu_fault fault;
	struct subject *const x = &subjects[0];
	signal_cap_t signal;
	char name[32];
	check_ok(cpu_open(&cpu, test_env, &(struct session_args) { .caps = 8 }));
	check_ok(thread_signal(test_env, &signal));
	check_ok(cpu_fault_handler(cpu.cap, signal));
	subject_create(x, cpu.cap, 0);
	check_ok(thread_start(x->cap, address(code_breakpoint),
	                      address(x->stack + 64), address(x->word)));
	subject_stopped(x, BREAKPOINT);
	check_error(cpu_fault(cpu.cap, &fault, name), ERROR_AGAIN);
	check_ok(thread_exception_handler(x->cap, (signal_cap_t) { 0 }));
	for (uint64_t i = 2; i < 5; i++) {
		check_ok(thread_resume(x->cap));
		check(signal_wait(signal) == 1, "no signal to the session");
		if (i % 2) {
			check_ok(cpu_fault(cpu.cap, &fault, name));
			check(fault.vector == BREAKPOINT, "fault %lu", fault.vector);
		}
		check(x->word[0] == i, "round %lu of %lu", x->word[0], i);
	}
	check_ok(thread_resume(x->cap));
	check(signal_wait(signal) == 1, "no signal to the session");
	check_ok(thread_exception_handler(x->cap, x->signal));
	check_ok(thread_resume(x->cap));
	subject_stopped(x, BREAKPOINT);
	subject_end(x);
	cpu_close(&cpu);
	thread_signal_close(test_env, &signal);
}

/* -- life -- */

/** The session tells its threads, in the order of their creation */
static void list(void)
{
	struct cpu_session cpu;
	thread_cap_t cap;
	uint32_t last = 0, id;
	char name[32];
	unsigned n = 0;
	check_ok(cpu_open(&cpu, test_env, &(struct session_args) { .caps = 8 }));
	for (unsigned i = 0; i < 4; i++)
		subject_create(&subjects[i], cpu.cap, i);
	for (enum error e; !(e = cpu_thread(cpu.cap, last, &id, &cap, name)); n++) {
		check(id > last && n < 4, "ids %u, %u", last, id);
		check(cap_same(cap, subjects[n].cap), "number %u is another", n);
		check(string_equal(name, "subject"), "it is called %s", name);
		cap_drop(cap.cap);
		last = id;
	}
	check(n == 4, "%u threads", n);
	check_error(cpu_thread(cpu.cap, last, &id, &cap, name), ERROR_NOT_FOUND);
	for (unsigned i = 0; i < 4; i++)
		subject_end(&subjects[i]);
	check_error(cpu_thread(cpu.cap, 0, &id, &cap, name), ERROR_NOT_FOUND);
	cpu_close(&cpu);
}

/** Ended before start, paused, stepping, in an exception, in both */
static void teardown(void)
{
	struct thread_state s;
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		subject_create(&subjects[0], own_cpu.cap, cpu);
		s = subject_state(&subjects[0]);
		check(s.settable, "not settable before its start");
		start(&subjects[1], cpu, code_nops);
		check_ok(thread_pause(subjects[1].cap));
		start(&subjects[2], cpu, code_breakpoint);
		subject_stopped(&subjects[2], BREAKPOINT);
		start(&subjects[3], cpu, code_breakpoint);
		subject_stopped(&subjects[3], BREAKPOINT);
		check_ok(thread_pause(subjects[3].cap));
		start(&subjects[4], cpu, code_nops);
		s = subject_hold(&subjects[4]);
		set_flag(&subjects[4], &s, true);
		check_ok(thread_resume(subjects[4].cap));
		start(&subjects[5], cpu, code_breakpoint);  /* about to stop */
		start(&subjects[6], cpu, code_breakpoint);
		subject_stopped(&subjects[6], BREAKPOINT);
		check_ok(thread_resume(subjects[6].cap));
		for (unsigned i = 0; i < 7; i++) {
			subject_end(&subjects[i]);
			check_error(thread_state(subjects[i].cap, &s), ERROR_GONE);
		}
	}
}

/** The handler's signal dies first: nobody hears, the thread can still go on */
static void dead_handler(void)
{
	struct subject *const x = &subjects[0];
	start(x, 1, code_breakpoint);
	subject_stopped(x, BREAKPOINT);
	thread_signal_close(test_env, &x->signal);
	check_ok(thread_resume(x->cap));
	wait_for(x->word[0] == 2, "does not go on");
	test_sleep(1000);
	check(x->word[0] == 2, "passes a breakpoint by itself");
	check_ok(thread_signal(test_env, &x->signal));
	check_ok(thread_exception_handler(x->cap, x->signal));
	check_ok(thread_resume(x->cap));
	subject_stopped(x, BREAKPOINT);
	subject_end(x);
}

/** All at once, from all CPUs */
static void meddle(struct worker *worker)
{
	uint64_t seed = 77 + worker->index;
	struct thread_state s;
	while (worker->count--) {
		struct subject const *const x = &subjects[test_random(&seed) % 4];
		enum error error = ERROR_OK;
		switch (test_random(&seed) % 5) {
		case 0: error = thread_pause(x->cap); break;
		case 1: error = thread_resume(x->cap); break;
		case 2: error = thread_state(x->cap, &s); break;
		case 3:
			error = thread_state(x->cap, &s);
			s.ip = address(code_breakpoint);
			s.flags ^= TF;
			if (!error)
				error = thread_set_state(x->cap, &s);
			break;
		case 4: fpu_meddle(x->cap, &seed); break;
		}
		check(!error || error == ERROR_CONFLICT, "%s", error_text(error));
	}
}

static void run_meddle(struct worker *worker)
{
	worker->count = test_rounds(400);
	meddle(worker);
}

static void storm(void)
{
	struct worker workers[4];
	for (uint32_t i = 0; i < 4; i++)
		start(&subjects[i], i, code_breakpoint);
	workers_open(workers, 4, 0, run_meddle);
	workers_join(workers, 4);
	for (uint32_t i = 0; i < 4; i++) {
		struct thread_state s = subject_hold(&subjects[i]);
		s.ip = address(code_store);
		s.sp = address(subjects[i].word);
		set_flag(&subjects[i], &s, false);
		check_ok(thread_resume(subjects[i].cap));
		wait_for(subjects[i].word[16], "thread %u is lost", i);
		subject_end(&subjects[i]);
	}
}

static struct test_step const steps[] = {
	{ "read registers", read_registers }, { "set registers", set_registers },
	{ "set what cannot be", set_invalid }, { "in a system call", in_call },
	{ "single step", step }, { "breakpoint", breakpoint },
	{ "repair", repair }, { "pause in an exception", pause_stopped },
	{ "handler of the session", session_handler }, { "list", list },
	{ "teardown", teardown }, { "dead handler", dead_handler },
	{ "read FPU registers", fpu_read }, { "set FPU registers", fpu_write },
	{ "FPU registers at exceptions", fpu_exceptions },
	{ "FPU registers never used", fpu_new }, { "ends of FPU state", fpu_ends },
	{ "FPU registers refused", fpu_refused },
	{ "FPU registers in a system call", fpu_in_call },
	{ "hostile FPU state", fpu_hostile }, { "FPU state moves", fpu_moved },
	{ "FPU registers of others", fpu_others },
	{ "storm", storm },
};

enum error component_construct(struct env *env)
{
	enum error const error = cpu_open(&own_cpu, env, &(struct session_args) {
		.ram = 16 * 1024, .caps = 16 });
	return error ? error : test_main(env, steps, sizeof steps / sizeof *steps);
}
