/* SPDX-License-Identifier: MIT */
/**
 * Entrypoint: a thread that serves RPC objects and signal handlers, one at a time
 *
 * Calls and signals alternate under load, so that a flood of one cannot starve
 * the other. The component's first thread is one ('env->ep').
 */
#pragma once

#include <base/env.h>
#include <base/rpc.h>
#include <base/signal.h>

/**
 * Make 'object' callable; dispatch and ops were set by <interface>_object_init
 *
 * object->cap is the capability to pass on. Returns NO_RAM, NO_CAPS.
 */
enum error rpc_object_open(struct rpc_object *object, struct entrypoint *ep) MUST_USE;

/** Nobody reaches it any more; called in the entrypoint's thread. Idempotent */
void rpc_object_close(struct rpc_object *object);

/**
 * The object of 'ep' with operations 'ops' that a received capability names
 *
 * NULL: not one of them. The way to use a capability that came from a client.
 */
struct rpc_object *rpc_object_find(struct entrypoint *ep, cap_t cap, void const *ops);

/** Let another thread serve too; see thread.h. Returns NO_RAM, NO_CAPS */
struct entrypoint_args {
	char const *name;
	uint32_t    cpu, priority;     /* priority 0: the default */
	size_t      stack;             /* bytes; 0: 16 KiB */
};
struct entrypoint *entrypoint_open(struct env *env,
                                   struct entrypoint_args const *args,
                                   enum error *error) MUST_USE;
/**
 * Ends its thread, and closes the objects and handlers that it served. Those
 * that were not closed before must still be in memory. Not by itself
 */
void entrypoint_close(struct entrypoint *ep);
