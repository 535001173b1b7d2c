/* SPDX-License-Identifier: MIT */
/**
 * Threads of components: charged to their PD, governed by their CPU session
 */
#pragma once

#include <util/list.h>
#include "component/budget.h"
#include "object.h"
#include "session.h"

struct dataspace;
struct pd;
struct tracing;

/** What a CPU session sets for its threads */
struct cpu {
	struct core_session session;
	struct avl_tree     threads;      /* by id */
	uint32_t            cpu_first, cpu_count, priority;
	uint32_t            cpu_indices;  /* valid ones: the most that it had */
	struct cpu_budget   budget;
	cap_t               handler;      /* signal at faults; 0: none */
	struct list         faults;       /* threads stopped, not yet reported */
	uint64_t            time;         /* of threads when they were last billed */
	uint32_t            billed;       /* cpu_time is behind this thread … */
	uint32_t            last;         /* … and goes on up to this one */
	bool                changed;      /* and not all threads know it, but … */
	uint32_t            told;         /* … those up to this one do */
};

/** A fault that nothing answers yet */
struct thread_fault {
	uint64_t vector, error_code, address, ip, sp;
	uint64_t map_address;             /* in the map it waits for … */
	uint64_t number;                  /* … since this one */
};

struct thread {
	struct object       object;
	struct avl_node     by_id;
	uint32_t            id;           /* used again after 2^32 others */
	uint32_t            cpu_index, priority;
	uint32_t            wish;         /* priority without the session's limit */
	uint32_t            cpu_number;   /* in the machine, as the kernel knows it */
	uint32_t            group;        /* of CPU budgets, as the kernel knows it */
	struct tracing     *tracing;      /* NULL: it is not traced */
	struct pd          *pd;
	struct cpu         *cpu;
	struct list_node    by_pd;
	struct avl_node     by_cpu;
	struct list_node    waiting;      /* at a region map, PD, CPU session */
	struct thread_fault fault;
	cap_t               kernel;
	uint64_t            rest;         /* of its destruction; 0: it has not begun */
	uint64_t            billed;       /* execution time */
	uint64_t            utcb_phys;    /* 0: none */
	uint32_t            utcb;         /* slot */
	struct dataspace   *page;         /* state page of a context, in that frame */
	cap_t               handler;      /* signal at exceptions; 0: none */
	bool                started;
	bool                paused;
	bool                stopped;      /* by an exception */
	char                name[32];
};

extern struct core_service const cpu_service;

struct thread_args {
	char const *name;
	uint32_t    cpu_index, priority;
	bool        context;              /* foreign code; no message buffer */
};

/** Returns NO_RAM, NO_CAPS, INVALID (CPU), LIMIT */
enum error thread_create(struct cpu *cpu, struct pd *pd,
                         struct thread_args const *args,
                         struct thread **thread) MUST_USE;

/** Address of its message buffer */
uint64_t thread_utcb(struct thread const *thread);

/** Returns CONFLICT (started before), GONE */
enum error thread_run(struct thread *thread, uint64_t ip, uint64_t sp,
                      uint64_t argument) MUST_USE;

/** Whether its CPU session says something else now than the kernel knows */
bool thread_differs(struct thread const *thread);

/** What 'cpu' says changed: its threads have to follow */
static inline void cpu_changed(struct cpu *cpu)
{
	cpu->changed = true;
	cpu->told    = 0;
}

/** Tell the kernel what its CPU session says now. Returns GONE */
enum error thread_follow(struct thread *thread) MUST_USE;

/** Add what it has used since the last time to the time of its CPU session */
void thread_bill(struct thread *thread);

/** End it, unless its domain was destroyed already. False: not yet, see work.h */
bool thread_destroy(struct thread *thread) MUST_USE;

/** It, or its domain, has begun to die */
bool thread_dying(struct thread const *thread);

struct thread *thread_find(thread_cap_t cap);

/** The oldest thread with this or a larger id; NULL: none */
struct thread *thread_from(uint32_t id);

/** The oldest thread of 'cpu' with a larger id; NULL: none */
struct thread *thread_behind(struct cpu const *cpu, uint32_t id);

/** Largest id of its threads; 0: it has none */
uint32_t thread_newest(struct cpu const *cpu);
struct cpu *cpu_find(cpu_cap_t cap);
