/* SPDX-License-Identifier: MIT */
/**
 * Who is next: base-hw's virtual time
 */
#pragma once

/* Internal */
#include <kernel/local.h>

enum { READY_ACCOUNTS = 1 };    /* used time matters: charged before decisions */

/** An SC's place, compared to another one's */
enum ready_order { READY_BEHIND, READY_BESIDE, READY_AHEAD };

void ready_init(struct ready_queues *);

/** It is ready from now on: with credit if it slept, but a limited one */
void ready_insert(struct ready_queues *, struct ec *sc);

/** … and lets others of its band go first */
void ready_yield(struct ready_queues *, struct ec *sc);

void ready_remove(struct ready_queues *, struct ec *sc);

/** The one with the least time; NULL: none is ready */
struct ec *ready_first(struct ready_queues *);

/** AHEAD: so far that the current one is preempted; else they share */
enum ready_order ready_order(struct ready_queues *, struct ec const *sc,
                             struct ec const *current);

/** Whether the current SC, which is not among the ready, shares its time */
static inline bool ready_beside(struct ready_queues *ready,
                                struct ec const *current)
{
	return ready->filled;
}

/** Time until the next decision, if an SC shares it */
extern uint64_t ready_quantum;

static inline uint64_t ready_rest(struct ec *sc)
{
	return ready_quantum;
}

/** It ran for so long */
void ready_charge(struct ready_queues *, struct ec *sc, uint64_t ticks);

/** It is preempted; what is left of its quantum is in its time already */
static inline void ready_put_back(struct ready_queues *ready, struct ec *sc,
                                  uint64_t quantum_end)
{
	ready_insert(ready, sc);
}
