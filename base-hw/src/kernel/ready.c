/* SPDX-License-Identifier: MIT */
/*
 * Ready queues of virtual time
 *
 * A sleeper's time is raised to the clock minus a credit: it is next when it
 * wakes up, but saves up no more than that. It is also bounded from above, as
 * times of different CPUs and bands do not compare.
 */

/* Public */
#include <util/minmax.h>

/* Internal */
#include <kernel/ready.h>
#include <kernel/timer.h>

enum { QUANTUM = 250, MARGIN = 2000 };      /* parts of a second */

/* In ticks; the credit is a quantum, too */
uint64_t ready_quantum;
static uint64_t margin;

/* Weights 1, 4, 8, 16, 64 as logarithms */
static uint8_t const weight[READY_BANDS] = { 0, 2, 3, 4, 6 };

static uint64_t const epoch = 1UL << 40;    /* times are never below 0 */


void ready_init(struct ready_queues *ready)
{
	ready_quantum = timer_hz / QUANTUM;
	margin        = timer_hz / MARGIN;
	ready->clock  = epoch;
	for (unsigned i = 0; i < READY_BANDS; i++)
		ready->band[i].time = ready->band[i].clock = epoch;
}


static unsigned number(struct ec const *sc)
{
	return sc->level == KERNEL_PRIORITIES - 1 ? BAND_CORE : sc->level / 32;
}


/** Time of a band, for what its SCs run */
static uint64_t weighted(unsigned band, uint64_t ticks)
{
	return ticks << (weight[BAND_CORE] - weight[band]);
}


/** Background work does not preempt when it wakes up */
static uint64_t credit(unsigned band)
{
	return band == BAND_BACKGROUND ? 0 : ready_quantum;
}


/* -- clocks -- */

/** Of those with ready SCs, the one with the least time; there is one */
static struct ready_band *first_band(struct ready_queues *ready)
{
	uint64_t bits = ready->filled;
	struct ready_band *first = &ready->band[__builtin_ctzl(bits)];
	while ((bits &= bits - 1)) {
		struct ready_band *const band = &ready->band[__builtin_ctzl(bits)];
		if (band->time <= first->time)
			first = band;
	}
	return first;
}


/** 'sc' ran, so its time and its band's are among those that count */
static void advance(struct ready_queues *ready, struct ready_band *own,
                    struct ec const *sc)
{
	uint64_t time = sc->sc_ready.node.time;
	if (own->first)
		time = min(time, own->first->time);
	own->clock = max(own->clock, time);

	time = own->time;
	if (ready->filled)
		time = min(time, first_band(ready)->time);
	ready->clock = max(ready->clock, time);
}


/** A time of its own does not change while it is queued by it */
void ready_charge(struct ready_queues *ready, struct ec *sc, uint64_t ticks)
{
	unsigned const n = number(sc);
	struct ready_band *const band = &ready->band[n];
	band->time += weighted(n, ticks);
	if (sc->sc_state != SC_READY)
		sc->sc_ready.node.time += ticks;
	advance(ready, band, sc);
}


/* -- queues -- */

/** In the bands' time, all that begin to compete have drivers' credit */
static void begin(struct ready_queues *ready, unsigned number)
{
	struct ready_band *const band = &ready->band[number];
	uint64_t const start =
		ready->clock - weighted(BAND_DRIVER, credit(number));
	band->time     = max(band->time, start);
	band->last     = 0;
	ready->filled |= 1UL << number;
}


void ready_insert(struct ready_queues *ready, struct ec *sc)
{
	unsigned const n = number(sc);
	struct ready_band *const band = &ready->band[n];
	uint64_t const from = band->clock - credit(n);
	uint64_t const to   = band->clock + ready_quantum;

	if (!band->first)
		begin(ready, n);
	struct time_node *const node = &sc->sc_ready.node;
	node->time = min(max(node->time, from), to);
	band->last = max(band->last, node->time);
	time_queue_insert(&band->first, node);
}


void ready_yield(struct ready_queues *ready, struct ec *sc)
{
	struct ready_band const *const band = &ready->band[number(sc)];
	struct time_node *const node = &sc->sc_ready.node;
	if (band->first)
		node->time = max(node->time, band->last + 1);
	ready_insert(ready, sc);
}


void ready_remove(struct ready_queues *ready, struct ec *sc)
{
	unsigned const n = number(sc);
	sc->sc_state = SC_IDLE;         /* its time counts again */
	time_queue_remove(&ready->band[n].first, &sc->sc_ready.node);
	if (!ready->band[n].first)
		ready->filled &= ~(1UL << n);
}


struct ec *ready_first(struct ready_queues *ready)
{
	if (!ready->filled)
		return NULL;
	return container_of(first_band(ready)->first, struct ec, sc_ready.node);
}


/* -- decisions -- */

enum ready_order ready_order(struct ready_queues *ready, struct ec const *sc,
                             struct ec const *current)
{
	unsigned const a = number(sc), b = number(current);
	bool const ahead = a == b
		? sc->sc_ready.node.time + margin < current->sc_ready.node.time
		: ready->band[a].time + weighted(a, margin) < ready->band[b].time;
	return ahead ? READY_AHEAD : READY_BESIDE;
}
