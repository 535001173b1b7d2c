/* SPDX-License-Identifier: MIT */
/*
 * Property: foreign code runs in a space of its own until its next system call,
 * exception or unanswered fault, which returns to whoever runs it with the
 * registers that were asked for; what the state page says is taken over as far
 * as user mode may have it; nothing leaks between contexts and their runners.
 */

/* public */
#include <util/string.h>

/* local */
#include "space.h"

enum { SYSCALL_LENGTH = 2, PAGE = 4096 };

/* error code of a page fault (SDM volume 3, 4.7) */
enum { PRESENT = 1, WRITE = 2, USER = 4, FETCH = 16 };

static struct space   space;
static struct context context;

static void open(char const *code)
{
	space_open(&space, 512 * 1024, 100);
	code_open(&context, &space, code);
}

static void close(void)
{
	context_close(&context);
	space_close(&space);
}

/* -- registers -- */

/** Each register arrives, comes back, and stays while it is not dirty */
static void registers(void)
{
	open(blob_call);
	struct context_state *const s = context.state;
	for (uint64_t round = 1; round < 50; round++) {
		for (uint64_t i = 0; i < CONTEXT_REGISTERS; i++)
			s->general[i] = round << 32 | i * 0x01010101;
		s->dirty |= CONTEXT_GENERAL;
		run_until(&context, CONTEXT_SYSCALL);
		check(s->dirty == 0, "still dirty");
		check(s->ip == address_of(blob_call) + SYSCALL_LENGTH,
		      "IP is %lx", s->ip);
		for (uint64_t i = 0; i < CONTEXT_REGISTERS; i++) {
			uint64_t const wanted = i == CONTEXT_CX  ? s->ip
			                      : i == CONTEXT_R11 ? s->flags
			                      : round << 32 | i * 0x01010101;
			check(s->general[i] == wanted, "register %lu is %lx, not "
			      "%lx", i, s->general[i], wanted);
		}
	}
	memset(s->general, 0xaa, sizeof s->general);
	run_until(&context, CONTEXT_SYSCALL);
	check(s->general[CONTEXT_R15] == (49ul << 32 | 15 * 0x01010101),
	      "taken over though not dirty: %lx", s->general[CONTEXT_R15]);
	close();
}

/** Only what is wanted travels */
static void wanted(void)
{
	open(blob_count);
	struct context_state *const s = context.state;
	s->wanted[CONTEXT_SYSCALL] = CONTEXT_GENERAL;
	run_until(&context, CONTEXT_SYSCALL);
	for (uint64_t i = 2; i < 100; i++) {
		s->ip = 1;
		run_until(&context, CONTEXT_SYSCALL);
		check(s->general[CONTEXT_BX] == i, "call %lu is number %lu", i,
		      s->general[CONTEXT_BX]);
		check(s->ip == 1, "IP was not wanted");
		check(s->valid == CONTEXT_GENERAL, "valid: %lx", s->valid);
	}
	s->wanted[CONTEXT_SYSCALL] = 0;
	run_until(&context, CONTEXT_SYSCALL);
	check(s->general[CONTEXT_BX] == 99 && !s->valid, "nothing was wanted");
	close();
}

/** FS and GS are the context's; ours are untouched */
static void bases(void)
{
	static __thread uint64_t volatile own = 0x5e1f;
	open(blob_bases);
	struct context_state *const s = context.state;
	space.data[1] = 0xf5;
	space.data[PAGE / 16 + 2] = 0x65;
	s->fs = DATA;
	s->gs = DATA + PAGE / 2;
	s->dirty |= CONTEXT_BASES;
	run_until(&context, CONTEXT_SYSCALL);
	check(s->general[CONTEXT_AX] == 0xf5 && s->general[CONTEXT_BX] == 0x65,
	      "read %lx and %lx", s->general[CONTEXT_AX], s->general[CONTEXT_BX]);
	check(s->fs == DATA && s->gs == DATA + PAGE / 2, "bases are %lx, %lx",
	      s->fs, s->gs);
	check(own == 0x5e1f, "our own FS base is gone");
	close();
}

/* -- exceptions and faults -- */

static void exceptions(void)
{
	/* vector, IP behind the beginning; SYSENTER's is the processor's choice */
	enum { SYSENTER = 5 };
	static struct { uint8_t vector, length; } const bad[] = {
		{ 0, 2 }, { 3, 1 }, { 6, 0 }, { 13, 0 }, { 13, 0 }, { 13, 0 },
		{ 13, 0 }, { 13, 0 }, { 13, 0 }, { 13, 0 }, { 13, 0 }, { 6, 0 },
		{ 13, 5 }, { 13, 0 }, { 13, 0 },
	};
	open(blob_bad);
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		char const *const code = blob_bad + 16 * i;
		code_jump(&context, code);
		run_until(&context, CONTEXT_EXCEPTION);
		struct context_state const *const s = context.state;
		check(s->vector == bad[i].vector
		      || (i == SYSENTER && s->vector == 6),
		      "number %u: exception %lu", i, s->vector);
		check(s->ip == address_of(code) + bad[i].length,
		      "number %u: IP %lx", i, s->ip);
	}
	close();
}

/** Trap flag: an exception after each instruction */
static void step(void)
{
	enum { TRAP_FLAG = 0x100 };
	open(blob_spin);
	struct context_state *const s = context.state;
	s->flags = TRAP_FLAG;
	s->dirty |= CONTEXT_FLOW;
	for (uint64_t i = 1; i < 20; i++) {
		run_exception(&context, 1);
		check(s->general[CONTEXT_BX] == (i + 2) / 3, "step %lu: %lu", i,
		      s->general[CONTEXT_BX]);
	}
	close();
}

static void access(char const *code, uint64_t address, uint64_t error)
{
	struct context_state *const s = context.state;
	s->general[CONTEXT_DI] = address;
	s->dirty |= CONTEXT_GENERAL;
	code_jump(&context, code);
	run_until(&context, CONTEXT_FAULT);
	check(s->vector == 14 && s->address == address && s->error_code == error,
	      "access to %lx: vector %lu, address %lx, error %lx", address,
	      s->vector, s->address, s->error_code);
}

/** Faults that the space does not answer are the runner's, of each kind */
static void faults(void)
{
	open(blob_read);
	access(blob_read, HOLE, USER);
	access(blob_write, HOLE, USER | WRITE);
	access(blob_jump, HOLE, USER | FETCH);
	access(blob_write, CODE, USER | WRITE | PRESENT);
	access(blob_jump, DATA, USER | FETCH);
	access(blob_read, 8, USER);
	access(blob_read, 0x3d1000, USER);     /* a component's stack is there */
	access(blob_read, 0xffff800000000000, USER | PRESENT);
	access(blob_read, 0x00007fffffffffff - 4095, USER);
	close();
}

/** Core answers what regions answer: no return in between */
static void demand(void)
{
	open(blob_read);
	struct context_state *const s = context.state;
	for (uint64_t i = 0; i < LAZY_PAGES; i++) {
		s->general[CONTEXT_DI] = LAZY + i * PAGE;
		s->general[CONTEXT_SI] = i;
		s->dirty |= CONTEXT_GENERAL;
		code_jump(&context, i % 2 ? blob_read : blob_write);
		run_until(&context, CONTEXT_SYSCALL);
	}
	for (uint64_t i = 0; i < LAZY_PAGES; i += 2) {
		s->general[CONTEXT_DI] = LAZY + i * PAGE;
		s->dirty |= CONTEXT_GENERAL;
		code_jump(&context, blob_read);
		run_until(&context, CONTEXT_SYSCALL);
		check(s->general[CONTEXT_AX] == i, "%lu was written, %lu is there",
		      i, s->general[CONTEXT_AX]);
	}
	close();
}

/** A fault is answered by the runner: attach, and run again */
static void pager(void)
{
	uint64_t at;
	open(blob_read);
	access(blob_read, HOLE, USER);
	check_ok(rm_attach(space.rm, space.page, HOLE, 0, 0, RM_FIXED, &at));
	space.data[0] = 0x1234;
	run_until(&context, CONTEXT_SYSCALL);
	check(context.state->general[CONTEXT_AX] == 0x1234, "read %lx",
	      context.state->general[CONTEXT_AX]);
	close();
}

/* -- FPU -- */

/** Registers of two contexts, and ours, through calls and preemption */
static void fpu(void)
{
	struct context other;
	uint64_t own = 0x0123456789abcdef;
	open(blob_fpu);
	code_open(&other, &space, blob_fpu);
	context.state->general[CONTEXT_AX] = 0x1111222233334444;
	other.state->general[CONTEXT_AX]   = 0x5555666677778888;
	context.state->general[CONTEXT_R8] = 0x1111222233334444;
	other.state->general[CONTEXT_R8]   = 0x5555666677778888;
	__asm__ volatile ("movq %0, %%xmm6" :: "r" (own) : "xmm6");
	for (unsigned i = 0; i < test_rounds(100); i++) {
		run_until(&context, CONTEXT_SYSCALL);
		run_until(&other, CONTEXT_SYSCALL);
	}
	__asm__ volatile ("movq %%xmm6, %0" : "=r" (own));
	check(own == 0x0123456789abcdef, "our own register is %lx", own);
	context_close(&other);
	close();
}

/* In FXSAVE's image (SDM 1, table 10-2) */
enum { MXCSR = 24, XMM = 160 };

/** The image in the state page; reserved bits are nobody's business */
static void fpu_image(void)
{
	uint64_t const first = 0x1111222233334444, second = ~first;
	uint32_t mxcsr;
	open(blob_fpu);
	struct context_state *const s = context.state;
	s->general[CONTEXT_AX] = first;
	s->general[CONTEXT_R8] = second;
	run_until(&context, CONTEXT_SYSCALL);
	check(!memcmp(s->fpu + XMM + 7 * 16, &first, 8), "XMM7 is not there");
	for (unsigned i = 0; i < 16; i++)
		memcpy(s->fpu + XMM + i * 16, &second, 8);
	memset(s->fpu + MXCSR, 0xff, 8);
	s->dirty |= CONTEXT_FPU;
	run_until(&context, CONTEXT_SYSCALL);
	memcpy(&mxcsr, s->fpu + MXCSR, 4);
	check(mxcsr == 0xffbf || mxcsr == 0xffff, "MXCSR is %x", mxcsr);

	memset(s->fpu, 0xff, sizeof s->fpu);
	s->dirty |= CONTEXT_FPU;
	run_exception(&context, 6);      /* it found other registers */
	close();
}

/* -- what cannot be -- */

static void refused(uint64_t ip, uint64_t fs, uint64_t gs)
{
	struct context_state *const s = context.state;
	enum context_reason reason;
	s->ip = ip;
	s->fs = fs;
	s->gs = gs;
	s->dirty = CONTEXT_FLOW | CONTEXT_BASES;
	check_error(context_run(&context, &reason), ERROR_INVALID);
	check(s->dirty == (CONTEXT_FLOW | CONTEXT_BASES), "half taken over");
}

static void invalid(void)
{
	static uint64_t const kernel[] = {
		0x00007ffffffff000, 0x0000800000000000, 0x8000000000000000,
		0xffff800000000000, 0xffffffffffffffff };
	enum context_reason reason;
	uint64_t const code = address_of(blob_push);
	enum { IOPL = 3 << 12, NT = 1 << 14, VM = 1 << 17, AC = 1 << 18,
	       IF = 1 << 9, STACK_FAULT = 12, PROTECTION = 13 };
	open(blob_push);
	struct context_state *const s = context.state;
	for (unsigned i = 0; i < sizeof kernel / sizeof *kernel; i++) {
		refused(kernel[i], 0, 0);
		refused(code, kernel[i], 0);
		refused(code, 0, kernel[i]);
	}
	s->fs = s->gs = 0;
	s->dirty |= CONTEXT_BASES | CONTEXT_GENERAL;
	code_jump(&context, blob_push);
	s->flags = ~(uint64_t)(IF | 0x100);
	run_until(&context, CONTEXT_SYSCALL);
	check(s->flags & IF && !(s->flags & (IOPL | NT | VM)), "flags are %lx",
	      s->flags);

	s->general[CONTEXT_SP] = 0x8000000000000000;
	s->dirty |= CONTEXT_GENERAL;
	code_jump(&context, blob_push);
	run_until(&context, CONTEXT_EXCEPTION);
	check(s->vector == STACK_FAULT || s->vector == PROTECTION,
	      "exception %lu", s->vector);  /* QEMU: the latter */

	s->dirty = ~(uint64_t)0;
	code_jump(&context, blob_push);
	s->general[CONTEXT_SP] = DATA + PAGE;
	for (unsigned i = 0; i < CONTEXT_REASONS; i++)
		s->wanted[i] = ~(uint64_t)0;
	check_ok(context_run(&context, &reason));
	close();
}

/** Other capabilities are no contexts, and a context is nothing else */
static void names(void)
{
	struct context wrong = { 0 };
	struct thread_fpu line = { 0 };
	enum context_reason reason;
	uint64_t word = 0;
	signal_cap_t signal;
	open(blob_call);
	check_ok(thread_signal(test_env, &signal));
	cap_t const caps[] = { 0, 1, ~0ul, signal.cap, context.thread.cap,
		context.page.cap, space.pd.cap.cap, test_env->cpu.cap };
	for (unsigned i = 0; i < sizeof caps / sizeof *caps; i++) {
		wrong.cap.cap = caps[i];
		enum error const error = context_run(&wrong, &reason);
		check(error == ERROR_INVALID || error == ERROR_GONE,
		      "capability %u can be run: %s", i, error_text(error));
		check(context_poke(&wrong) == error, "%u can be poked", i);
	}
	thread_signal_close(test_env, &signal);
	check_error(server_call(context.cap.cap, &word), ERROR_INVALID);
	check_error(signal_submit((signal_cap_t) { context.cap.cap }),
	            ERROR_INVALID);
	check_error(thread_pause(context.thread), ERROR_INVALID);
	check_error(thread_resume(context.thread), ERROR_INVALID);
	check_error(thread_fpu(context.thread, 0, &line), ERROR_INVALID);
	check_error(thread_set_fpu(context.thread, 0, &line), ERROR_INVALID);
	check_error(thread_start(context.thread, CODE, 0, 0), ERROR_INVALID);
	check_error(pd_ram_free(space.pd.cap, context.page), ERROR_INVALID);
	check_error(pd_ram_seal(space.pd.cap, context.page), ERROR_INVALID);
	run_until(&context, CONTEXT_SYSCALL);
	close();
}

/** As many as the account allows; an error then, and all comes back */
static void exhaustion(void)
{
	static struct context many[200];
	struct pd_account before, after;
	unsigned n = 0;
	enum error error = ERROR_OK;
	space_open(&space, 256 * 1024, 60);
	check_ok(pd_account(space.pd.cap, &before));
	while (n < 200 && !(error = context_open(&many[n], test_env,
	                                         space.pd.cap, "many")))
		n++;
	check(n > 3 && n < 200, "%u contexts", n);
	check(error == ERROR_NO_RAM || error == ERROR_NO_CAPS, "refused: %s",
	      error_text(error));
	for (unsigned i = 0; i < n; i++)
		context_close(&many[i]);
	check_ok(pd_account(space.pd.cap, &after));
	check(before.caps_used == after.caps_used, "capabilities %lu -> %lu",
	      before.caps_used, after.caps_used);
	code_open(&context, &space, blob_call);
	run_until(&context, CONTEXT_SYSCALL);
	close();
}

static struct test_step const steps[] = {
	{ "registers", registers }, { "wanted groups", wanted },
	{ "FS and GS", bases }, { "exceptions", exceptions },
	{ "single step", step }, { "faults", faults },
	{ "memory on demand", demand }, { "faults answered by the runner", pager },
	{ "FPU", fpu }, { "FPU image", fpu_image },
	{ "what cannot be run", invalid }, { "names", names },
	{ "exhaustion", exhaustion },
	{ "poke", run_poke }, { "poke in a fault", run_parked },
	{ "two runners", run_conflict }, { "move", run_move }, { "pause", run_pause },
	{ "kill of the runner", run_kill }, { "end while running", run_close },
	{ "end of the space", run_space_dies }, { "from CPU to CPU", run_cpus },
	{ "storm of interrupts", run_storm },
	{ "hostile state page", run_hostile },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
