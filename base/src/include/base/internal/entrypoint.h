/* SPDX-License-Identifier: MIT */
/**
 * Entrypoint, as the base library sees it
 */
#pragma once

#include <base/entrypoint.h>
#include <base/thread.h>
#include <util/avl.h>

struct entrypoint {
	struct env        *env;
	thread_cap_t       thread;
	struct avl_tree    objects;    /* rpc_object.opaque, by capability name */
	struct thread      own;        /* unless it is the first thread */
	struct rpc_message message;
};

/** Serve for ever */
void entrypoint_serve(struct entrypoint *ep) __attribute__((noreturn));
