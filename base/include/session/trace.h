/* SPDX-License-Identifier: MIT */
/**
 * TRACE: threads of a subtree of components, their times and what they do
 *
 * A session sees the threads of domains whose label is that of the session, or
 * begins with it and " -> ". As labels are made by the parents, a component that
 * asks without a label of its own sees itself and what it started; a parent that
 * routes the request with another label shows more or less. Whose label is
 * "init" sees everything, and core as well.
 *
 * Buffers are paid by the session. Of the traced domain, the first trace takes
 * page tables and one page, 16 KiB, which it keeps until it ends.
 */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } trace_cap_t;

SERVICE(trace, "TRACE", 16 * 1024, 4);

/** Buffers are multiples of 4 KiB, 64 events each */
enum { TRACE_BUFFER_MAX = 64 * 1024 };

/** Core's threads: only their times can be had */
enum { TRACE_CORE = 1, TRACE_CORE_LOG = 2 };

/** Let trace_next begin with the oldest thread */
RPC enum error trace_rewind(trace_cap_t trace);

/**
 * Next thread, by age; it is not told again until trace_rewind
 *
 * 'id' is its own as long as the machine runs. NOT_FOUND: there are no more.
 */
RPC enum error trace_next(trace_cap_t trace, OUT uint32_t *id,
                          OUT char label[144], OUT char name[32]);

WIRE struct trace_info {
	uint32_t cpu;          /* of the machine */
	uint32_t priority;
	uint32_t policy;       /* enum trace_policy; 0: it is not traced */
	uint64_t time_us;      /* execution time, for whomever it worked */
};

/** Returns NOT_FOUND (it ended, or cannot be seen) */
RPC enum error trace_info(trace_cap_t trace, IN uint32_t id,
                          OUT struct trace_info *info);

/**
 * Trace a thread: 'policy' is a set of enum trace_policy
 *
 * 'buffer', of 'size' bytes, can be read until trace_stop, even when the thread
 * has ended; its form is in base/trace.h. If the session traces the thread
 * already, only the policy changes. Returns NOT_FOUND, CONFLICT (another session
 * traces it), AGAIN (trace_stop has begun), INVALID (size), DONATE_RAM,
 * DONATE_CAPS, NO_RAM (the thread's domain has none left).
 */
RPC enum error trace_start(trace_cap_t trace, IN uint32_t id, IN uint32_t policy,
                           IN uint64_t size, OUT dataspace_cap_t *buffer);

/** Free the buffer. Returns NOT_FOUND (not traced by this session) */
RPC enum error trace_stop(trace_cap_t trace, IN uint32_t id);
