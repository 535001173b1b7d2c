/* SPDX-License-Identifier: MIT */
/**
 * What a handler may do before it lets others run
 *
 * Work that depends on what a client built up is done in steps. Each step is
 * noted with about the instructions it takes; who used up what a handler may do
 * (WORK_HANDLER) returns, and the client gets AGAIN: it asks to go on.
 */
#pragma once

#include <stdbool.h>

enum {
	WORK_HANDLER = 20000,
	WORK_OBJECT  = 3000,     /* destroy a kernel object */
	WORK_UNMAP   = 1500,     /* take a mapping away, on all CPUs */
	WORK_LOOK    = 10,       /* find that there is nothing to do */
	WORK_DETACH  = 1000,
	WORK_FRAMES  = 1000,     /* give a range of frames back */
	WORK_PAGE    = 40,       /* look at a page */
};

extern int work_left;

/** At the beginning of each handler */
static inline void work_begin(void) { work_left = WORK_HANDLER; }

static inline void work_spend(int instructions) { work_left -= instructions; }

/** False: return, and let the client ask again */
static inline bool work_allowed(void) { return work_left > 0; }
