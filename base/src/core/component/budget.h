/* SPDX-License-Identifier: MIT */
/**
 * CPU budgets: each CPU session bills a group of the kernel
 *
 * A session with a quota has a group of its own. Its quota is taken from the
 * nearest session above it that has one, as labels tell, and returns there: all
 * together never exceed the 100 percent that init begins with. Other sessions
 * share the group of the one above.
 */
#pragma once

#include <util/list.h>

struct cpu;

enum { BUDGET_MIN = 2 };        /* percent; so there are groups enough */

struct cpu_budget {
	uint32_t         group;     /* 0: none so far */
	uint32_t         quota;     /* percent, without what was given away */
	uint32_t         total;     /* percent, with it; 0: it has none of its own */
	struct cpu      *from;      /* whose quota it was; NULL: init's */
	struct list_node holders;   /* sessions with a quota */
	struct list_node members;   /* all sessions */
};

/** Returns INVALID (quota too small), LIMIT (more than there is) */
enum error budget_open(struct cpu *cpu, uint64_t quota) MUST_USE;

/**
 * Another quota, or none (0), for a session that is open
 *
 * Sessions below that shared its group, or begin to, follow; their threads do by
 * thread_follow. Returns INVALID (too small), LIMIT (more than there is, or less
 * than was given away).
 */
enum error budget_change(struct cpu *cpu, uint64_t quota) MUST_USE;

/** Next session whose label begins with that of 'cpu'; NULL: first, end */
struct cpu *budget_next_below(struct cpu const *cpu, struct cpu const *previous);

/** The session has no threads any more. Idempotent */
void budget_close(struct cpu *cpu);
