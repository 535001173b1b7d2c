/* SPDX-License-Identifier: MIT */
/**
 * CPU budgets: groups of SCs, each with a quota of every period
 *
 * An SC whose group has spent its quota is parked: it runs only when nobody with
 * a budget is ready. The CPU's next period begins with a full quota for each
 * group, at the first decision after the last one's end. Quotas are the same on
 * all CPUs, the rest belongs to its CPU.
 */
#pragma once

/* Public */
#include <util/bits.h>

/* Internal */
#include <core/control.h>
#include <kernel/cpu.h>
#include <kernel/ec.h>

/** Periods in a second */
enum { BUDGET_PERIODS = 100 };

struct budget {
	struct {
		int64_t     left;      /* ticks of this period */
		struct list parked;
	} group[KERNEL_CPU_GROUPS];
	uint64_t parked;           /* groups with parked SCs, a bit each */
	uint64_t end;              /* of the period */
	uint32_t last;             /* group that a parked SC was taken from */
};

/** Some group has a quota; never reset. Read anew in each system call */
extern bool budget_on;

/** Percent of each CPU's time; group 0 is never limited. Returns INVALID */
enum error budget_set_quota(uint64_t group, uint64_t percent) MUST_USE;

/** Begin the next period if it is time (true). Parked SCs go to the end of 'ready' */
bool budget_renew(struct budget *, uint64_t now, struct list *ready);

/** 'sc' is ready without a budget */
static inline void budget_park(struct budget *budget, struct ec *sc)
{
	list_append(&budget->group[sc->sc_group].parked, &sc->sc_link);
	budget->parked |= bit(sc->sc_group);
	sc->sc_state = SC_PARKED;
}

/** Take a parked SC out */
static inline void budget_unpark(struct budget *budget, struct ec *sc)
{
	list_remove(&sc->sc_link);
	if (list_empty(&budget->group[sc->sc_group].parked))
		budget->parked &= ~bit(sc->sc_group);
}

/** A parked SC, of each group in turn; NULL: none */
static inline struct ec *budget_first(struct budget *budget)
{
	if (!budget->parked)
		return NULL;
	uint64_t const behind = budget->parked & ~bit_mask(budget->last + 1);
	budget->last = bit_lowest(behind ? behind : budget->parked);
	struct list const *const list = &budget->group[budget->last].parked;
	return container_of(list_first(list), struct ec, sc_link);
}

/** 'sc', which runs, makes room for others at *end; earlier if need be */
static inline void budget_limit(struct budget const *budget,
                                struct ec const *sc, uint64_t *end)
{
	int64_t const left = budget->group[sc->sc_group].left;
	if ((left <= 0 || budget->parked) && budget->end < *end)
		*end = budget->end;
	if (left > 0 && cpu_tsc() + (uint64_t)left < *end)
		*end = cpu_tsc() + (uint64_t)left;
}

static inline bool budget_spent(struct budget const *budget,
                                struct ec const *sc)
{
	return budget_on && budget->group[sc->sc_group].left <= 0;
}

static inline void budget_charge(struct budget *budget, struct ec const *sc,
                                 uint64_t ticks)
{
	if (budget_on)
		budget->group[sc->sc_group].left -= (int64_t)ticks;
}
