/* SPDX-License-Identifier: MIT */
/**
 * Laboratory: domains and threads that run functions of this program
 *
 * Each domain has the program's text and a copy of its data at the same
 * addresses. A worker has a page that it shares with the root task.
 */
#pragma once

/* Internal */
#include <base/internal/sys.h>
#include <base/internal/thread_self.h>
#include <core/kernel.h>

struct domain { cap_t pd; };

/** What a worker and the root task share */
struct shared {
	struct thread_self self;
	void           (*run)(struct shared *);
	cap_t            done;         /* signal of the root task: it returned */
	cap_t            cap[8];
	uint64_t volatile value[64];
};

struct worker {
	cap_t          thread;
	struct shared *shared;         /* as the root task sees it */
	cap_t          finished;       /* signal, submitted when it returns */
};

struct worker_args {
	uint32_t cpu, priority;
	void   (*run)(struct shared *);
	cap_t    pager;
	uint64_t fault_label;
};

void lab_init(void);

/** Frames for ever */
uint64_t lab_frames(unsigned n);

struct domain domain_new(void);
struct worker worker_new(struct domain, struct worker_args const *);

/** Let it run; wait until its function has returned */
void worker_start(struct worker const *);
void worker_wait(struct worker const *);

/** Destroy it, and its signal */
void worker_destroy(struct worker const *);

/** Let others run for that long */
void nap(uint64_t microseconds);

/** Nap until the value is reached, or a second has passed */
bool reaches(uint64_t volatile const *value, uint64_t wanted);

/** Nap until the worker is parked, or a second has passed */
bool parks(struct worker const *worker, struct kernel_thread_state *state);

/** Portal or signal for the worker, charged to 'pd' */
cap_t portal_new(struct domain, struct worker const *, uint64_t label);
cap_t signal_new(struct domain, struct worker const *, uint64_t label);
cap_t delegate(struct domain, cap_t);

void print(char const *format, ...) __attribute__((format(printf, 1, 2)));

/** Count and print what is wrong */
void check(bool right, char const *what);
extern unsigned checks, failures;

/** End the run: the emulator's status */
_Noreturn void lab_exit(void);

static inline uint64_t tsc(void)
{
	uint32_t lo, hi;
	__asm__ volatile ("rdtsc" : "=a" (lo), "=d" (hi) :: "memory");
	return (uint64_t)hi << 32 | lo;
}
