/* SPDX-License-Identifier: MIT */
/* Set up the base library from what core put into the message buffer */

/* public */
#include <session/pd.h>

/* internal */
#include <base/internal/base_state.h>
#include <base/internal/sys.h>
#include <base/internal/thread_self.h>

struct base_state base_state;

static struct thread_self first_thread;

void base_init(uint64_t const *utcb)
{
	struct base_state *const state = &base_state;
	struct env *const env = &state->env;

	first_thread = (struct thread_self) {
		.self = &first_thread, .utcb = (void *)utcb,
		.thread.cap = utcb[START_THREAD] };
	env->parent.cap   = utcb[START_PARENT];
	env->pd.cap       = utcb[START_PD];
	env->cpu.cap      = utcb[START_CPU];
	state->log.cap    = utcb[START_LOG];
	state->binary.cap = utcb[START_BINARY];
	state->tsc_hz     = utcb[START_TSC_HZ];
	state->seed       = utcb[START_SEED];
	state->n_cpus     = (uint32_t)utcb[START_N_CPUS];
	state->us_per_tick = (uint64_t)(((unsigned __int128)1000000 << 56)
	                                / (state->tsc_hz ? state->tsc_hz : 1));

	error_ignore(sys_tls(&first_thread), "an address in ld");

	state->account = (struct account) { .ram_limit = ~0ul, .caps_limit = ~0ul };
	heap_init(&state->heap, env, &state->account);
	state->ep.env    = env;
	state->ep.thread = first_thread.thread;
	env->ep          = &state->ep;
	env->heap        = &state->heap;

	/* without these two nothing can be mapped: the first RPC that fails tells */
	error_ignore(pd_address_space(env->pd, &env->rm), "attach fails then");
	error_ignore(pd_signal_create(env->pd, first_thread.thread, 0,
	                              &first_thread.token), "open fails then");
}
