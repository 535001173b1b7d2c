/* SPDX-License-Identifier: MIT */
/**
 * An address space with foreign code in it
 */
#pragma once

#include <base/context.h>
#include <base/thread.h>
#include <session/pd.h>
#include <session/rm.h>
#include "test.h"

/* Where it is in that space */
#define CODE  0x400000ul
#define DATA  0x500000ul      /* a page, that the test sees as space->data */
#define LAZY  0x600000ul      /* memory that comes with the first access */
#define HOLE  0x10000000ul

enum { LAZY_PAGES = 16 };

#define BLOBS(X) X(count) X(call) X(spin) X(read) X(write) X(jump) X(push) \
	X(bases) X(fpu) X(bad)
#define BLOB(name) extern char const blob_##name[];
BLOBS(BLOB)
extern char const blob[], blob_end[];

struct space {
	struct pd_session pd;
	rm_cap_t          rm;
	dataspace_cap_t   code, page, lazy;
	uint64_t volatile *data;
};

void space_open(struct space *space, uint64_t ram, uint64_t caps);
void space_close(struct space *space);

/** Context at the beginning of 'code', with a stack; all groups are wanted */
void code_open(struct context *context, struct space *space, char const *code);

/** Address of a blob in the space */
static inline uint64_t address_of(char const *code)
{
	return CODE + (uint64_t)(code - blob);
}

/** Set IP for the next run */
void code_jump(struct context *context, char const *code);

/** Run it and check that it returns for 'wanted' */
void run_until(struct context *context, enum context_reason wanted);
void run_exception(struct context *context, uint64_t vector);

/* life.c: ends of runs, threads, spaces */
void run_poke(void);
void run_parked(void);
void run_conflict(void);
void run_move(void);
void run_pause(void);
void run_kill(void);
void run_close(void);
void run_space_dies(void);
void run_cpus(void);
void run_storm(void);
void run_hostile(void);
