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

/* Internal */
#include <core/control.h>
#include <kernel/cpu.h>
#include <kernel/ec.h>

/** Periods in a second */
enum { BUDGET_PERIODS = 100 };

struct budget {
	int64_t     left[KERNEL_CPU_GROUPS];    /* ticks of this period */
	struct list parked;
	uint64_t    end;                        /* of the period */
};

/** Some group has a quota; never reset. Read anew in each system call */
extern bool budget_on;

/** Percent of each CPU's time; group 0 is never limited. Returns INVALID */
enum error budget_set_quota(uint64_t group, uint64_t percent) MUST_USE;

/** Begin the next period if it is time (true). Parked SCs go to the end of 'ready' */
bool budget_renew(struct budget *, uint64_t now, struct list *ready);

/** 'sc', which runs, makes room for others at *end; earlier if need be */
static inline void budget_limit(struct budget const *budget,
                                struct ec const *sc, uint64_t *end)
{
	int64_t const left = budget->left[sc->sc_group];
	if ((left <= 0 || !list_empty(&budget->parked)) && budget->end < *end)
		*end = budget->end;
	if (left > 0 && cpu_tsc() + (uint64_t)left < *end)
		*end = cpu_tsc() + (uint64_t)left;
}

static inline bool budget_spent(struct budget const *budget,
                                struct ec const *sc)
{
	return budget_on && budget->left[sc->sc_group] <= 0;
}

static inline void budget_charge(struct budget *budget, struct ec const *sc,
                                 uint64_t ticks)
{
	if (budget_on)
		budget->left[sc->sc_group] -= (int64_t)ticks;
}
