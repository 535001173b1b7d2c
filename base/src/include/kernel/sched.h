/* SPDX-License-Identifier: MIT */
/**
 * Scheduler of one CPU: who runs, on whose account
 */
#pragma once

/* Internal */
#include <kernel/local.h>

/** Bits of cpu->again; 0: the thread that entered the kernel goes on */
enum sched_again {
	AGAIN_CHOOSE = 1,    /* a more urgent SC may be ready */
	AGAIN_WALK   = 2,    /* the current SC's chain may end elsewhere */
	AGAIN_GO     = 4,    /* … it ends at local->go */
};

static inline void sched_again(enum sched_again what)
{
	cpu_self()->again |= what;
}

/** The current SC's chain ends at 'ec' now */
static inline void sched_go(struct ec *ec)
{
	cpu_local()->go = ec;
	sched_again(AGAIN_GO);
}

/** Same at once, if there is nothing 'again' to do; returns 'ec' */
struct ec *sched_switch(struct cpu *, struct ec *ec);

void sched_init(struct cpu *);

/** Make an SC ready on the running CPU, at the end of its priority's queue */
void sched_ready(struct ec *sc);

/** Make the own SC ready if it has nothing to do so far */
void sched_start(struct ec *);

/** Take an SC off whatever queue it is in, or off the CPU: IDLE then */
void sched_remove(struct ec *sc);

/** The running SC waits for 'at', or for nothing (NULL): IDLE */
void sched_block(struct ec *at);

/** Wake all SCs that wait for 'ec' */
void sched_wake(struct ec *);

/** A call that held it back when it was to move has ended */
static inline void sched_move(struct ec *ec)
{
	if (ec->to) {
		list_remove(&ec->moving);
		list_append(&cpu_local()->moving, &ec->moving);
		sched_again(AGAIN_WALK);
	}
}

/** The running SC goes behind others of its priority */
void sched_yield(void);

/** The FPU gets the state of 'ec', NULL: is disabled; the old one is saved or lost */
void sched_fpu(struct cpu *, struct ec *);

/** 'ec' is not the CPU's current one any more; all its state is in memory */
void sched_leave(struct ec *);

/** Same, as it dies */
void sched_forget(struct ec *);

/** Timer interrupt */
void sched_tick(void);

/** The first deadline of that CPU's timer queue became earlier */
void sched_deadline(struct cpu *, uint64_t tsc);

/** Decide who returns to user mode, switch to it; idles meanwhile */
struct ec *sched_next(void);
