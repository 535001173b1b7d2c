/* SPDX-License-Identifier: MIT */
/* Foreign code: its system calls and faults are reflected to its handler, and back */

#include <base/context.h>
#include <base/heap.h>
#include <session/pd.h>
#include <session/rm.h>
#include <util/string.h>
#include "bench.h"

enum { WARM = 1000, ROUNDS = 10000 };

#define CODE 0x400000ul
#define DATA 0x800000ul

/** syscall; jmp back to it */
static uint8_t const code[] = { 0x0f, 0x05, 0xeb, 0xfc,
/** mov (%rsi), %al; syscall; jmp back to the first */
	0x8a, 0x06, 0x0f, 0x05, 0xeb, 0xfa };
enum { LOAD = 4 };

static enum error load(struct env *env, struct pd_session *pd, rm_cap_t *rm)
{
	dataspace_cap_t ds;
	uint64_t where;
	void *at;
	enum error error = pd_open(pd, env, &(struct session_args) {
		.ram = 256 * 1024, .caps = 20 });
	if (!error) error = pd_address_space(pd->cap, rm);
	if (!error) error = ram_alloc(env, sizeof code, &ds);
	if (!error) error = ram_attach(env, ds, true, &at);
	if (error)
		return error;
	memcpy(at, code, sizeof code);
	return rm_attach(*rm, ds, CODE, 0, 0, RM_EXEC | RM_FIXED, &where);
}

/** A handler gets all general registers, and sets the result */
static enum error reflect(struct context *context)
{
	enum context_reason reason;
	enum error const error = context_run(context, &reason);
	context->state->general[CONTEXT_AX] = reason;
	context->state->dirty = CONTEXT_RESULT;
	return error;
}

static enum error run_until(struct context *context, enum context_reason expected)
{
	enum context_reason reason;
	enum error const error = context_run(context, &reason);
	return error ? error : reason == expected ? ERROR_OK : ERROR_CORRUPT;
}

/** An access that is answered with nothing, and so done again */
static enum error bench_fault(struct context *context)
{
	enum error error = ERROR_OK;
	context->state->ip    = CODE + LOAD;
	context->state->dirty = CONTEXT_FLOW;
	context->state->wanted[CONTEXT_FAULT] = CONTEXT_FLOW;
	BENCH("fault_nomap", WARM, ROUNDS,
	      if (!error) error = run_until(context, CONTEXT_FAULT));
	return error;
}

/** One that is answered with a page; up to the system call behind it */
static enum error bench_fault_map(struct context *context, struct env *env,
                                  rm_cap_t rm)
{
	struct sample sample = { 0 };
	dataspace_cap_t ds;
	uint64_t where;
	enum error error = ram_alloc(env, 4096, &ds);
	context->state->general[CONTEXT_SI] = DATA;
	context->state->dirty = CONTEXT_GENERAL;
	for (unsigned i = 0; i < WARM + ROUNDS && !error; i++) {
		sample_begin(&sample);
		error = run_until(context, CONTEXT_FAULT);
		if (!error) error = rm_attach(rm, ds, DATA, 0, 0, RM_FIXED, &where);
		if (!error) error = run_until(context, CONTEXT_SYSCALL);
		if (i >= WARM)
			sample_end(&sample);
		if (!error) error = rm_detach(rm, DATA);
	}
	ram_free(env, ds);
	if (!error)
		sample_print("fault_map", &sample);
	return error;
}

enum error bench_foreign(struct env *env)
{
	static struct pd_session pd;
	static struct context context;
	rm_cap_t rm;
	enum error error = load(env, &pd, &rm);
	if (!error) error = context_open(&context, env, pd.cap, "foreign");
	if (error)
		return error;
	context.state->ip    = CODE;
	context.state->dirty = CONTEXT_FLOW;
	context.state->wanted[CONTEXT_SYSCALL] = CONTEXT_GENERAL;
	BENCH("foreign_syscall", WARM, ROUNDS, error |= reflect(&context));
	if (!error) error = bench_fault(&context);
	if (!error) error = bench_fault_map(&context, env, rm);
	context_close(&context);
	pd_close(&pd);
	return error;
}
