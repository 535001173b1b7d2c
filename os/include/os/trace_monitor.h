/* SPDX-License-Identifier: MIT */
/**
 * Trace monitor: the threads that a TRACE session shows, and their events
 *
 * Threads are found, traced if the user wants that, and forgotten when they have
 * ended and their last events were read. Zeroed memory is a closed monitor.
 */
#pragma once

#include <base/env.h>
#include <base/trace.h>
#include <session/trace.h>
#include <util/list.h>

struct hid;

struct trace_subject {
	struct list_node  node;
	uint32_t          id;
	char              label[144], name[32];
	struct trace_info info;
	uint64_t          spent_us;     /* since the update before */
	bool              alive;

	/* tracing; NULL: not traced */
	struct trace_buffer const *buffer;
	dataspace_cap_t            ds;
	uint64_t                   slots;
	uint64_t                   tail;   /* number of the last event read */
	uint64_t                   lost;   /* overwritten before they were read */
};

struct trace_monitor;

struct trace_monitor_ops {
	/** What of a new thread is recorded; 0: nothing */
	uint32_t (*policy)(struct trace_monitor *, struct trace_subject const *);
	/** An event, already copied. May be NULL, as the next one */
	void (*event)(struct trace_monitor *, struct trace_subject *,
	              struct trace_event const *);
	/** All events that there were are read */
	void (*done)(struct trace_monitor *, struct trace_subject *);
};

/** Set 'ops' and 'size' (bytes of a buffer; 0: 16 KiB) before */
struct trace_monitor {
	struct trace_monitor_ops const *ops;
	size_t                          size;
	struct env                     *env;
	struct trace_session            session;
	struct list                     subjects;
};

/** Returns as session_open */
enum error trace_monitor_open(struct trace_monitor *monitor, struct env *env) MUST_USE;

/** Forget all threads, end the session. Idempotent */
void trace_monitor_close(struct trace_monitor *monitor);

/** Look for new threads and dead ones, renew times. Returns GONE, NO_RAM */
enum error trace_monitor_update(struct trace_monitor *monitor) MUST_USE;

/** Read all events that are complete, thread by thread */
void trace_monitor_read(struct trace_monitor *monitor);

/**
 * Policy of the first node "trace" of a configuration that fits the subject:
 *
 *     + trace | label: init -> a | thread: main | call: yes | signal: yes
 *
 * A label fits itself and what is below it; without one, everything fits. With
 * none of call, dispatch, signal, fault and mark, all are recorded.
 */
uint32_t trace_configured_policy(struct hid const *config,
                                 struct trace_subject const *subject);

/** Name of an operation in the tree's session headers; NULL: of no header */
char const *trace_operation_name(uint64_t opcode);

/** The event in words */
void trace_event_text(struct trace_event const *event, char *text, size_t size);

/** Microseconds of the event's clock */
uint64_t trace_event_us(struct trace_event const *event);
