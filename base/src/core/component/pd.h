/* SPDX-License-Identifier: MIT */
/**
 * Protection domains: accounts, address space, memory, threads, kernel memory
 *
 * The account of the session is that of the domain: the donation, and what was
 * transferred since. Everything that a component uses is charged there.
 */
#pragma once

#include "pool.h"
#include "component/region_map.h"
#include "session.h"

struct cpu;
struct thread;

struct pd {
	struct core_session session;
	struct pool         pool;          /* kernel's PD and its memory */
	struct region_map   map;
	struct list         dataspaces;    /* RAM */
	struct list         pending;       /* RAM that is not yet complete */
	uint32_t            n_pending;
	uint64_t            dying;         /* ticket of an object that is being
	                                      destroyed, 0: none; and … */
	uint64_t            dying_rest;    /* … what is left of that */
	struct list         threads;
	struct list         starving;      /* threads that wait for RAM */
	struct pd          *reference;     /* accounts that it trades with */
	struct list         referrers;
	struct list_node    by_reference;
	uint64_t            utcbs;         /* used slots, one bit each */
	bool                started;
	cap_t               seen_pd, seen_cpu;  /* see pd_present */
	uint32_t            stack_pages;   /* mapped ones of the first stack */
	struct frame_list   frames;        /* ld's data, stack pages */
	struct frame_list   trace_frames;  /* of which there is … */
	uint64_t            trace_sink;    /* … this page; 0: never traced */
};

extern struct core_service const pd_service;

struct pd *pd_find(pd_cap_t cap);

/** The account may have got RAM: let threads that wait for it try again */
void pd_replenished(struct pd *pd);

/** Map frames, which the caller provides. Returns NO_RAM, CONFLICT */
enum error pd_map(struct pd *pd, uint64_t virt, uint64_t phys, uint64_t size,
                  unsigned flags) MUST_USE;

/** Give it a capability; 'name' is 0 for a null one. Returns NO_RAM, GONE */
enum error pd_delegate(struct pd *pd, cap_t object, cap_t *name) MUST_USE;

/** See pd_start; capabilities in core's names (start.c) */
struct start_caps { cap_t parent, log, binary; };
enum error component_start(struct pd *pd, struct cpu *cpu,
                           struct start_caps const *caps) MUST_USE;

/** Check the module 'ld'; once, before any component starts */
enum error component_init(void) MUST_USE;

/** Page of the first thread's stack, mapped at the first access. NO_RAM */
enum error stack_fault(struct pd *pd, uint64_t address) MUST_USE;
