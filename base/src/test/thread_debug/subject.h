/* SPDX-License-Identifier: MIT */
/** Threads that are looked at, and what the parts of the test have in common */
#pragma once

#include "test.h"

enum { TF = 1 << 8 };
enum { DEBUG = 1, BREAKPOINT = 3, UNDEFINED = 6, PAGE_FAULT = 14 };

/* registers in the order of the processor's numbers but SP */
enum { WORDS = 17 };

/** A bare thread: no control block, so it never enters the base library */
struct subject {
	thread_cap_t   cap;
	signal_cap_t   signal;      /* at its exceptions */
	uint64_t       stack[64];
	uint64_t volatile word[WORDS];
};

extern struct subject subjects[8];

/** Handlers are charged to it */
extern struct cpu_session own_cpu;

static inline uint64_t address(void const volatile *p) { return (uint64_t)p; }

void subject_create(struct subject *s, cpu_cap_t cpu, uint32_t index);
void subject_start(struct subject *s, uint32_t cpu, char const *code,
                   uint64_t argument);
void subject_end(struct subject *s);

/** Its registers, while it stands still */
struct thread_state subject_state(struct subject const *s);

/** Pause it where it can be set: a page may be about to be mapped for it */
struct thread_state subject_hold(struct subject const *s);

/** It is signalled once, and stands at the exception */
struct thread_state subject_stopped(struct subject const *s, uint64_t vector);

/** Paused or not, it is within a call */
bool paused_in_call(thread_cap_t thread, struct thread_state *state);

/* FPU state (fpu.c) */
void fpu_read(void);
void fpu_write(void);
void fpu_exceptions(void);
void fpu_new(void);
void fpu_ends(void);
void fpu_refused(void);
void fpu_in_call(void);
void fpu_hostile(void);
void fpu_moved(void);
void fpu_others(void);
void fpu_meddle(thread_cap_t thread, uint64_t *seed);
