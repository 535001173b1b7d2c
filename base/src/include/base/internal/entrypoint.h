/* SPDX-License-Identifier: MIT */
/**
 * Entrypoint, as the base library sees it
 */
#pragma once

#include <base/entrypoint.h>
#include <base/thread.h>
#include <util/avl.h>
#include <util/list.h>

struct entrypoint {
	struct env        *env;
	thread_cap_t       thread;
	struct avl_tree    objects;    /* rpc_object.opaque, by capability name */
	struct list        handlers;   /* signal_handler.opaque */
	struct mutex       mutex;      /* for handlers: any thread opens them */
	struct thread      own;        /* unless it is the first thread */
	struct rpc_message message;
};

/** Close the handlers of an entrypoint whose thread is gone */
void signal_handlers_close(struct entrypoint *ep);

/** Serve for ever */
void entrypoint_serve(struct entrypoint *ep) __attribute__((noreturn));
