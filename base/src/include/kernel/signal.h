/* SPDX-License-Identifier: MIT */
/**
 * Signal: a count of events for one thread, and a one-shot timeout
 */
#pragma once

/* Internal */
#include <kernel/ec.h>
#include <kernel/time_queue.h>

/** Signals that are handled without a chance for others */
enum { SIGNAL_STEP = 64 };

struct signal {
	struct kobject    object;
	struct ec *volatile ec;         /* whom it is for, NULL: thread is dead.
	                                   Locks: ec_bound_lock and timer queue */
	uint64_t          label;
	uint64_t volatile count;        /* submits not yet taken; atomic */
	struct mail       mail;
	struct list_node  bound;        /* in ec->signals_bound; lock: ec_bound_lock */

	/* owner: the thread's CPU */
	struct list_node  pending;      /* in ec->signals */

	/* lock: timer_lock of 'timer' */
	struct cpu *volatile timer;     /* whose queue it is in if it is in one: the
	                                   thread's CPU when it was set */
	struct time_node  timeout;
};

void signal_init(struct signal *, struct ec *, uint64_t label);
bool signal_stop(struct signal *);

/** Add one; from any CPU */
void signal_submit(struct signal *);

/** Take it off the pending list, and its count */
uint64_t signal_take(struct signal *);

/** Submit at 'tsc'; ~0: never */
void signal_timeout(struct signal *, uint64_t tsc);

/** Submit all whose time has come; the next deadline, ~0: none */
uint64_t signal_expire(uint64_t now);

/** Not for its thread any more; ec_bound_lock is held */
void signal_unbind(struct signal *);
