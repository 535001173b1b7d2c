/* SPDX-License-Identifier: MIT */
/**
 * Who is next: base-nova's strict priorities
 *
 * A queue per priority and a bitmap; each operation takes constant time. They are
 * inline because each wake-up goes through them.
 */
#pragma once

/* Internal */
#include <kernel/local.h>
#include <kernel/timer.h>

enum { READY_QUANTA_A_SECOND = 100,
       READY_ACCOUNTS = 0 };    /* used time does not matter */

/** An SC's place, compared to another one's */
enum ready_order { READY_BEHIND, READY_BESIDE, READY_AHEAD };

/** Word and bit of a priority */
static inline uint64_t *ready_word(struct ready_queues *ready, unsigned level)
{
	return &ready->bits[level / 64];
}

static inline uint64_t ready_bit(unsigned level) { return 1UL << level % 64; }

static inline void ready_init(struct ready_queues *ready)
{
	for (unsigned i = 0; i < KERNEL_PRIORITIES; i++)
		list_init(&ready->queue[i]);
}

static inline void ready_link(struct ready_queues *ready, struct ec *sc,
                              struct list_node *behind)
{
	list_insert_before(behind, &sc->sc_link);
	*ready_word(ready, sc->level) |= ready_bit(sc->level);
}

/** Behind its equals */
static inline void ready_insert(struct ready_queues *ready, struct ec *sc)
{
	ready_link(ready, sc, &ready->queue[sc->level].head);
}

/** Behind its equals, which it lets go first: there is no other place */
static inline void ready_yield(struct ready_queues *ready, struct ec *sc)
{
	ready_insert(ready, sc);
}

/**
 * It is preempted: first among its equals, with the rest of its quantum
 *
 * With a fresh one it could keep out its equals, if it is preempted often.
 */
static inline void ready_put_back(struct ready_queues *ready, struct ec *sc,
                                  uint64_t quantum_end)
{
	int64_t const left = (int64_t)(quantum_end - cpu_tsc());
	struct list_node *const head = &ready->queue[sc->level].head;
	ready_link(ready, sc, left > 0 ? head->next : head);
	sc->sc_ready.left = left > 0 ? (uint64_t)left : 0;
}

static inline void ready_remove(struct ready_queues *ready, struct ec *sc)
{
	struct list_node *const next = sc->sc_link.next;
	struct list_node *const prev = sc->sc_link.prev;
	next->prev = prev;
	prev->next = next;
	sc->sc_link.next = NULL;
	if (next == prev)               /* the head of an empty queue */
		*ready_word(ready, sc->level) &= ~ready_bit(sc->level);
}

/** The most urgent one; NULL: none */
static inline struct ec *ready_first(struct ready_queues *ready)
{
	unsigned const high = ready->bits[1] != 0;
	uint64_t const bits = ready->bits[high];
	if (!bits)
		return NULL;
	unsigned const highest = 63 - (unsigned)__builtin_clzl(bits);
	struct list *const queue = &ready->queue[64 * high + highest];
	return container_of(queue->head.next, struct ec, sc_link);
}

static inline enum ready_order ready_order(struct ready_queues *ready,
                                           struct ec const *sc,
                                           struct ec const *current)
{
	return sc->level > current->level  ? READY_AHEAD
	     : sc->level == current->level ? READY_BESIDE : READY_BEHIND;
}

/** Whether the current SC, which is in no queue, has to share its time */
static inline bool ready_beside(struct ready_queues *ready,
                                struct ec const *current)
{
	return *ready_word(ready, current->level) & ready_bit(current->level);
}

/** Time that it may run beside others */
static inline uint64_t ready_rest(struct ec *sc)
{
	uint64_t const left = sc->sc_ready.left;
	sc->sc_ready.left = 0;
	return left ? left : timer_hz / READY_QUANTA_A_SECOND;
}

/** It ran for so long: of no account here */
static inline void ready_charge(struct ready_queues *ready, struct ec *sc,
                                uint64_t ticks) { }
