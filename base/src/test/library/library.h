/* SPDX-License-Identifier: MIT */
/** What the shared libraries of the test offer */
#pragma once

#include <base/export.h>
#include <stdint.h>

/* inner */
EXPORT uint64_t inner_add(uint64_t a, uint64_t b);
EXPORT uint64_t *inner_own(void);
extern EXPORT uint64_t inner_word;              /* 0x1122 at first */
extern EXPORT uint64_t inner_zero[600];
extern EXPORT unsigned constructed;             /* constructors that ran */
extern EXPORT char inner_order[8];              /* in which order */

/* outer, which uses inner */
EXPORT uint64_t outer_twice(uint64_t a);
EXPORT uint64_t *outer_own(void);
extern EXPORT uint64_t (*const outer_table[2])(uint64_t, uint64_t);
extern EXPORT uint64_t *const outer_pointer;    /* to inner_word */
EXPORT int outer_weak(void);                    /* whether 'nowhere' exists */
EXPORT void nowhere(void) __attribute__((weak));

static inline void note(char who)
{
	inner_order[constructed++ % 8] = who;
}
