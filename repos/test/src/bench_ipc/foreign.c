/* SPDX-License-Identifier: MIT */
/* Foreign code: a system call that is reflected to its handler, and back */

#include <base/context.h>
#include <base/heap.h>
#include <session/pd.h>
#include <session/rm.h>
#include <util/string.h>
#include "bench.h"

enum { WARM = 1000, ROUNDS = 10000 };

#define CODE 0x400000ul

/** syscall; jmp back to it */
static uint8_t const code[] = { 0x0f, 0x05, 0xeb, 0xfc };

static enum error load(struct env *env, struct pd_session *pd)
{
	rm_cap_t rm;
	dataspace_cap_t ds;
	uint64_t where;
	void *at;
	enum error error = pd_open(pd, env, &(struct session_args) {
		.ram = 256 * 1024, .caps = 20 });
	if (!error) error = pd_address_space(pd->cap, &rm);
	if (!error) error = ram_alloc(env, sizeof code, &ds);
	if (!error) error = ram_attach(env, ds, true, &at);
	if (error)
		return error;
	memcpy(at, code, sizeof code);
	return rm_attach(rm, ds, CODE, 0, 0, RM_EXEC | RM_FIXED, &where);
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

enum error bench_foreign(struct env *env)
{
	static struct pd_session pd;
	static struct context context;
	enum error error = load(env, &pd);
	if (!error) error = context_open(&context, env, pd.cap, "foreign");
	if (error)
		return error;
	context.state->ip    = CODE;
	context.state->dirty = CONTEXT_FLOW;
	context.state->wanted[CONTEXT_SYSCALL] = CONTEXT_GENERAL;
	BENCH("foreign_syscall", WARM, ROUNDS, error |= reflect(&context));
	context_close(&context);
	pd_close(&pd);
	return error;
}
