/* SPDX-License-Identifier: MIT */
/* An address space with foreign code in it */

/* public */
#include <base/heap.h>
#include <util/string.h>

/* local */
#include "space.h"

static void attach(struct space *space, dataspace_cap_t ds, uint64_t at,
                   uint32_t flags)
{
	uint64_t address;
	check_ok(rm_attach(space->rm, ds, at, 0, 0, flags | RM_FIXED, &address));
	check(address == at, "attached at %lx, not %lx", address, at);
}

void space_open(struct space *space, uint64_t ram, uint64_t caps)
{
	void *code, *data;
	size_t const size = (size_t)(blob_end - blob);
	*space = (struct space) { .rm = { 0 } };
	check_ok(pd_open(&space->pd, test_env, &(struct session_args) {
		.ram = ram, .caps = caps }));
	check_ok(pd_address_space(space->pd.cap, &space->rm));
	check_ok(ram_alloc(test_env, size, &space->code));
	check_ok(ram_attach(test_env, space->code, true, &code));
	memcpy(code, blob, size);
	ram_detach(test_env, code);
	check_ok(ram_alloc(test_env, 4096, &space->page));
	check_ok(ram_attach(test_env, space->page, true, &data));
	space->data = data;
	check_ok(ram_alloc(test_env, LAZY_PAGES * 4096, &space->lazy));
	attach(space, space->code, CODE, RM_EXEC);
	attach(space, space->page, DATA, RM_WRITE);
	attach(space, space->lazy, LAZY, RM_WRITE);
}

void space_close(struct space *space)
{
	ram_detach(test_env, (void *)(uint64_t)space->data);
	pd_close(&space->pd);
	cap_drop(space->rm.cap);
	ram_free(test_env, space->code);
	ram_free(test_env, space->page);
	ram_free(test_env, space->lazy);
}

void code_jump(struct context *context, char const *code)
{
	context->state->ip     = address_of(code);
	context->state->flags  = 0;
	context->state->dirty |= CONTEXT_FLOW;
}

void code_open(struct context *context, struct space *space, char const *code)
{
	check_ok(context_open(context, test_env, space->pd.cap, "foreign"));
	struct context_state *const s = context->state;
	for (unsigned i = 0; i < CONTEXT_REASONS; i++)
		s->wanted[i] = CONTEXT_GENERAL | CONTEXT_FLOW | CONTEXT_BASES
		             | CONTEXT_FPU;
	s->general[CONTEXT_SP] = DATA + 4096;
	s->dirty = CONTEXT_GENERAL;
	code_jump(context, code);
}

void run_until(struct context *context, enum context_reason wanted)
{
	enum context_reason reason;
	struct context_state const *const s = context->state;
	check_ok(context_run(context, &reason));
	check(reason == wanted, "returned for %u and not %u: exception %lu, error "
	      "%lx, address %lx, IP %lx", reason, wanted, s->vector,
	      s->error_code, s->address, s->ip);
}

void run_exception(struct context *context, uint64_t vector)
{
	run_until(context, CONTEXT_EXCEPTION);
	check(context->state->vector == vector, "exception %lu, not %lu",
	      context->state->vector, vector);
}
