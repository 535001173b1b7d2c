/* SPDX-License-Identifier: MIT */
/**
 * What a handler may do before it lets others run
 *
 * Work that depends on what a client built up is done in steps. Each step is
 * noted with about the instructions it takes, or with those it took; who used up
 * what a handler may do (WORK_HANDLER) returns 'work_later()': the client's stub
 * repeats the call, which goes on. At least one step is done each time.
 */
#pragma once

#include <base/error.h>
#include <stdbool.h>
#include "clock.h"

enum {
	WORK_HANDLER = 20000,
	WORK_LOOK    = 10,       /* find that there is nothing to do */
	WORK_UNMAP   = 1500,     /* take a small mapping away, on all CPUs */
	WORK_DETACH  = 1000,
	WORK_FRAMES  = 1000,     /* give a range of frames back */
	WORK_WAKE    = 500,      /* let a thread go on */
	WORK_LEAF    = 2500,     /* copy references of a clone's pages */
	WORK_ITEM    = 60,       /* take something out of a list */
	WORK_LABEL   = 600,      /* compare two long labels */
};

extern int  work_left;
extern bool work_waits;          /* the present call is to be repeated … */
extern uint64_t work_ticket;     /* … or, not 0, to go on with this */

/** At the beginning of each handler */
static inline void work_begin(void)
{
	work_left  = WORK_HANDLER;
	work_waits = false;
	work_ticket = 0;
}

static inline void work_spend(int instructions) { work_left -= instructions; }

/** A step of the kernel began at 'tsc': it took at most WORK_HANDLER */
static inline void work_spend_since(uint64_t tsc)
{
	uint64_t const passed = clock_tsc() - tsc;
	work_left -= passed < WORK_HANDLER ? (int)passed : WORK_HANDLER;
}

/** False: return, and let the client ask again */
static inline bool work_allowed(void) { return work_left > 0; }

/** What an operation returns that did a part of its work */
enum error work_later(void) MUST_USE;

/** The same; the next request tells nothing but 'ticket' (internal/rpc.h) */
enum error work_later_on(uint64_t ticket) MUST_USE;
