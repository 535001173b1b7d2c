/* SPDX-License-Identifier: MIT */
/**
 * Whether the running thread is traced: one word of its message buffer
 *
 * Core writes the word: address of the trace buffer, with the policy in its low
 * bits; 0: nothing is recorded. The buffer may vanish at any time; core puts a
 * page there that nobody reads when the thread still writes.
 */
#pragma once

#include <base/internal/sys_raw.h>
#include <base/rpc.h>
#include <base/trace.h>

enum { TRACE_POLICY_BITS = 0xfff };

static inline bool trace_wanted(enum trace_policy policy)
{
	uint64_t const word = __atomic_load_n(&sys_utcb()->trace,
	                                      __ATOMIC_RELAXED);
	return __builtin_expect((word & policy) != 0, false);
}

/** rpc_call, with its beginning and its end */
enum error traced_call(cap_t object, struct rpc_message *m, unsigned caps);

/** Dispatch, with its beginning and its end; returns the reply's tag */
enum error traced_dispatch(struct rpc_object *object, struct rpc_message *m);

/** A handler is about to run */
void traced_signal(void const *handler, uint64_t count);
