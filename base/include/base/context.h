/* SPDX-License-Identifier: MIT */
/**
 * Foreign code: user-mode programs whose system calls are served by a component
 *
 * A context is a set of registers with an address space of its own, that of a PD
 * session. A thread runs it by a call which returns at the next system call,
 * exception or unresolved page fault of the code. doc/kernel/context.md
 */
#pragma once

#include <base/cap.h>
#include <base/error.h>

/** Why context_run returned */
enum context_reason {
	CONTEXT_POKED,        /* context_poke, or the calling thread was paused */
	CONTEXT_SYSCALL,      /* SYSCALL; IP is behind it, CX and R11 as it sets them */
	CONTEXT_EXCEPTION,    /* other than a page fault */
	CONTEXT_FAULT,        /* page fault that the address space does not answer */
	CONTEXT_REASONS,
};

/** Groups of registers, as bits of the masks below */
enum context_group {
	CONTEXT_RESULT = 1,   /* AX alone */
	CONTEXT_GENERAL = 2, CONTEXT_FLOW = 4, CONTEXT_BASES = 8, CONTEXT_FPU = 16,
};

enum context_register {
	CONTEXT_AX, CONTEXT_BX, CONTEXT_CX, CONTEXT_DX, CONTEXT_SI, CONTEXT_DI,
	CONTEXT_BP, CONTEXT_SP, CONTEXT_R8, CONTEXT_R9, CONTEXT_R10, CONTEXT_R11,
	CONTEXT_R12, CONTEXT_R13, CONTEXT_R14, CONTEXT_R15, CONTEXT_REGISTERS,
};

/**
 * State page: registers travel by it, in groups
 *
 * The registers themselves are the kernel's. Before a run it takes over the
 * groups that 'dirty' names, and clears it; after it, it writes the groups that
 * 'wanted' asks for at this reason, and only these.
 */
struct context_state {
	uint64_t dirty;
	uint64_t wanted[CONTEXT_REASONS];

	uint64_t valid;            /* groups that the last run wrote */
	uint64_t vector;           /* of the last exception or fault … */
	uint64_t error_code;
	uint64_t address;          /* … that was accessed */

	uint64_t general[CONTEXT_REGISTERS];
	uint64_t ip, flags;                 /* FLOW */
	uint64_t fs, gs;                    /* BASES: below the kernel's half */
	uint64_t pad;
	uint8_t  fpu[512];                  /* FPU: as FXSAVE64 has it */
};

/** Embed it; zeroed memory is a closed one */
struct context {
	struct context_state *state;
	context_cap_t         cap;      /* the kernel's object; pass it on */
	thread_cap_t          thread;   /* to ask core for its time */
	struct env           *env;
	dataspace_cap_t       page;
};

/**
 * New context in the address space of 'space', a PD that is not started
 *
 * All registers are 0. The PD pays for it. Returns NO_RAM, NO_CAPS, INVALID.
 */
enum error context_open(struct context *context, struct env *env,
                        pd_cap_t space, char const *name) MUST_USE;

/** End it, also while it is run. Idempotent */
void context_close(struct context *context);

/**
 * Run it on the calling thread's account until it gives a reason to return
 *
 * Returns INVALID (registers that cannot be: address in the kernel's half),
 * CONFLICT (another thread runs it), GONE, DEPTH.
 */
enum error context_run(struct context *context,
                       enum context_reason *reason) MUST_USE;

/**
 * Make its present run return, or else the next one; from any thread
 *
 * Two pokes may be one. Returns GONE.
 */
enum error context_poke(struct context *context) MUST_USE;
