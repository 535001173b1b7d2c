/* SPDX-License-Identifier: MIT */
/**
 * Execution context (thread) with its scheduling context
 *
 * The fields belong to the CPU that the thread is bound to, but for those of
 * its record: they travel with a call to another CPU (doc/ipc.md, rule 1).
 */
#pragma once

/* Internal */
#include <base/internal/abi.h>
#include <kernel/kobject.h>
#include <kernel/mailbox.h>
#include <kernel/pd.h>
#include <kernel/ready_queues.h>

/** As doc/ipc.md explains; the first three are known to entry.S */
enum ec_state { STATE_RUN, STATE_WAIT, STATE_CALL, STATE_SEND, STATE_AWAY,
                STATE_BLOCK, STATE_PARK, STATE_DEAD };

enum sc_state { SC_IDLE, SC_READY, SC_PARKED, SC_RUNNING, SC_QUEUED, SC_MAIL };

/** What other CPUs ask of the thread's CPU; atomic */
enum ec_event { EC_EVENT_KILL = 1, EC_EVENT_PAUSE = 2, EC_EVENT_RESUME = 4,
                EC_EVENT_UNPARK = 8, EC_EVENT_SCHEDULE = 16,
                EC_EVENT_WAKE = 32, EC_EVENT_POKE = 64, EC_EVENT_ARRIVE = 128 };

enum { EC_DEPTH_MAX = 16 };     /* of calls, from the first caller on */

/* Flags that a program may set itself (SDM 1, 3.4.3), and those always on */
enum { FLAGS_USER = 0x240dd5, FLAGS_ON = 1 << 9 | 1 << 1 };

struct ec_regs {
	uint64_t ax, bx, cx, dx, si, di, bp, sp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t ip, flags;
};

struct cpu;

struct ec {
	struct kobject     object;

	/* hot: known to entry.S; registers are part of the record */
	struct ec_regs     regs;
	uint64_t           fs;
	struct cpu *volatile receptive; /* own CPU if a call is taken, else NULL */
	struct ec         *donor;       /* whose SC pays and leads here by calls;
	                                   NULL: unknown, walk */
	struct ec         *caller;      /* local call being served */
	struct ec         *callee;      /* record: whom an accepted call went to */
	struct page_table *space;
	struct cap       **dir;         /* name table */
	void              *fpu;         /* state, NULL: never used the FPU */
	int64_t            time;        /* used; minus TSC at start while running */
	struct utcb       *utcb;
	uint32_t           pending;     /* number of pending signals */
	uint32_t           depth;       /* of calls, from the first caller */
	uint8_t volatile   state;       /* enum ec_state */
	uint8_t            reserved;    /* nodes promised to the window */
	uint8_t            window;      /* capabilities to be received */
	uint8_t            full;        /* all registers count (return by IRET) */
	uint8_t            signalled;   /* the last event was a signal */
	uint8_t            supervisor;  /* constant; core on base-hw (supervisor.h) */
	uint8_t            fault;       /* the call is one of a fault */

	struct pd         *pd;
	struct cpu *volatile cpu;       /* that it is bound to, and which alone may
	                                   change that; of a context: that it ran
	                                   on last */
	struct cpu        *to;          /* where it is to move, NULL: it stays. It has
	                                   a caller or a call, or is in 'moving' */
	struct list_node   moving;      /* in local->moving */
	uint64_t           utcb_user;
	struct list        signals;     /* pending */
	struct signal     *waits;       /* in BLOCK for this one */
	struct ec         *visitor;     /* call from another CPU being served */
	struct list        queued;      /* SCs that wait for this thread */
	bool               paused;
	bool               unparked;    /* unpark came before the fault's reply */
	uint32_t           missing;     /* frames, of a failed system call */

	/* fault */
	uint32_t           vector;
	uint64_t           error_code, fault_address;
	cap_t              pager;       /* core's name of the portal */
	uint64_t           fault_label;

	/* foreign code (context.h) */
	struct context_state *context;  /* its state page; NULL: it is a thread */
	uint64_t           gs;
	struct cpu *volatile at;        /* that it is run on, NULL: any may; atomic */
	uint8_t volatile   poked;       /* by any CPU; atomic */

	/* record */
	cap_t              edge;        /* portal being called, until accepted */
	uint8_t volatile   away_state;  /* SEND, CALL: at the callee's CPU; else
	                                   RUN: on its way home */
	struct cpu        *away;        /* where the record is sent, NULL: home */
	bool               arrived;     /* and that CPU has it */
	enum error         outcome;
	struct mail        record;

	/* scheduling context; part of the record */
	uint8_t            sc_state;
	uint8_t            priority;    /* own */
	uint8_t            level;       /* in use: own, or the caller's while away */
	uint8_t            group;       /* own; of CPU budgets */
	uint8_t            sc_group;    /* in use, likewise */
	struct list_node   sc_link;
	int64_t            sc_time;     /* paid; as 'time' */
	int64_t            sc_sent;     /* … when the record left */
	struct ready_link  sc_ready;    /* kernel's own */

	/* any CPU */
	uint32_t volatile  events;      /* enum ec_event; atomic */
	uint8_t            new_priority, new_group;
	struct cpu        *new_cpu;
	struct mail        event, recall;
	struct list        portals;     /* bound ones; lock: ec_bound_lock */
	struct list        signals_bound;

	/* own system call in progress, which restarts */
	cap_t              posted;      /* thread to which an event was sent */
};

/** Never receptive: where dead portals lead */
extern struct ec ec_none;

/** Protects the lists of portals and signals bound to threads */
extern struct lock ec_bound_lock;

void ec_init(struct ec *, struct pd *, struct cpu *);

/** Kill it, from any CPU, and unbind what is bound; true: done */
bool ec_stop(struct ec *);

/** Kill a dead thread, on its CPU; false: it takes more steps, or its record is away */
bool ec_kill(struct ec *);

/** Ask the thread's CPU for what 'events' say; from any CPU */
void ec_post(struct ec *, uint32_t events);

/** Handle what was asked for; on the thread's CPU, else it is sent there */
void ec_serve(struct mail *event);

/** Let it go to the CPU that it is to move to, unless a call holds it back */
void ec_depart(struct ec *);

/** Frames for the state of an FPU that is used for the first time */
bool ec_fpu_enable(struct ec *);

/** Give them back; no CPU has the state loaded. Under the domain's lock */
void ec_fpu_free(struct ec *);
