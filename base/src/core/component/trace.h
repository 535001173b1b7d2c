/* SPDX-License-Identifier: MIT */
/**
 * Tracing of one thread: a buffer that the thread writes and a session reads
 *
 * The session pays for the buffer. It is mapped at the thread's slot of the
 * window LAYOUT_TRACE_BASE. A thread that still writes after the end gets its
 * domain's sink, a page that nobody reads.
 */
#pragma once

#include <base/internal/start.h>

#include "component/dataspace.h"
#include "component/thread.h"

struct tracing {
	struct avl_node   node;       /* of the session, by id */
	struct thread    *thread;     /* NULL: it ended */
	struct account   *account;    /* pays for the frames */
	uint32_t          id;         /* of the thread */
	uint32_t          policy;
	uint64_t          phys, size; /* buffer; 0: none yet */
	struct dataspace  ds;
};

/**
 * Begin; 'tracing' is zeroed memory of 'arena'. NO_RAM, NO_CAPS: 'arena' has
 * none; KERNEL_RAM: the thread's domain has none for the mapping
 */
enum error tracing_open(struct tracing *tracing, struct thread *thread,
                        struct arena *arena, uint32_t policy, uint64_t size) MUST_USE;

void tracing_set_policy(struct tracing *tracing, uint32_t policy);

/** End, and free the buffer. Takes one that is half open. False: see work.h */
bool tracing_close(struct tracing *tracing) MUST_USE;

/** The thread has ended, or is traced no longer. Its domain is not just dying */
void tracing_detach(struct tracing *tracing);

/** Record the fault of a thread that is traced */
void tracing_fault(struct tracing *tracing);

/** Page fault in the window: let the thread write to the sink */
enum error tracing_sink(struct pd *pd, uint64_t address) MUST_USE;
