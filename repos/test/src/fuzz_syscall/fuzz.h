/* SPDX-License-Identifier: MIT */
/**
 * System-call fuzzer: threads that call at random, and what is known about it
 *
 * Workers use nothing of the base library while they run, since they spoil their
 * FS base; and they give back only names that they received themselves.
 */
#pragma once

#include <base/thread.h>
#include <test/random.h>
#include <test/raw_ipc.h>

enum { WORKERS = 16, PORTALS = 2, SIGNALS = 3, RING = 32, MAX_CPUS = 8,
       NAMES = 160, ROWS = N_SYSCALLS + 1 };

/** Registers of a call, for call.S */
struct fuzz_call {
	uint64_t dx, di, si, ax, r8, r9, r10, flags, sp, broken;
};
void fuzz_call(struct fuzz_call *call);

static inline enum error fuzz_error(struct fuzz_call const *call)
{
	return (enum error)(call->dx & 0xff);
}

/** Survives the thread, which is killed now and then */
struct worker {
	struct thread     thread;
	uint32_t          index, cpu;
	struct random     random;
	cap_t volatile    portal[PORTALS], signal[SIGNALS];
	uint64_t volatile calls;
	uint64_t volatile count[ROWS][N_ERRORS];
	uint64_t volatile strange;       /* results that cannot be */
	uint64_t          strange_dx[2]; /* control word before and after */
	cap_t             ring[RING];    /* received, not yet given back */
	uint32_t          n_ring;
	uint64_t          fed;           /* calls when it was looked at last */
	uint64_t          seen;
	uint32_t          stuck;
};

extern struct worker workers[WORKERS];
extern uint32_t      n_workers;

/** Names to call, send, probe: whoever's, alive or dead; 0 where there is none */
extern cap_t volatile names[NAMES];

/** Received for good, so that the name table grows; up to the limit */
extern uint32_t volatile hoarded, hoard_limit;

/** Body of a worker */
void worker_run(struct thread *thread);

/** Count the answer to what was 'before', keep what was received */
void worker_note(struct worker *worker, struct utcb const *utcb,
                 struct fuzz_call const *before, struct fuzz_call const *after);

/** Thread, portals, signals of a worker; 'entry' is its body */
enum error worker_open(struct worker *worker, void (*entry)(struct thread *));

/** Keeps the workers of one CPU from sleeping */
void feeder_run(struct thread *thread);

struct feeder { struct thread thread; uint32_t cpu; signal_cap_t wake; };

/**
 * Each answer on purpose, on each CPU, before the random calls and after them
 *
 * directed_begin: all that need a table with room, and KERNEL_RAM; kernel memory
 * remains scarce until directed_give_back. directed_end: NO_CAPS, when no name is
 * left. directed_wrong: attempts that went otherwise.
 */
enum error directed_begin(struct env *env, uint32_t cpus, cap_t const *servers);
enum error directed_give_back(struct env *env);
enum error directed_end(struct env *env);
unsigned   directed_wrong(void);
uint64_t   directed_count(unsigned row, unsigned error);

/**
 * Print the table; number of pairs that were not seen, or cannot be
 *
 * Without 'all_names', there always was one more, and NO_CAPS cannot be.
 */
unsigned table_judge(bool all_names);
