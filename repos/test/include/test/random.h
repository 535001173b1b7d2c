/* SPDX-License-Identifier: MIT */
/** Numbers that repeat with their seed (xorshift64*, Marsaglia and Vigna) */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct random { uint64_t state; };

static inline void random_seed(struct random *r, uint64_t seed)
{
	r->state = (seed + 1) * 0x9e3779b97f4a7c15;
}

static inline uint64_t random_word(struct random *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * 0x2545f4914f6cdd1d;
}

/** From 0 to n - 1 */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
	return (uint32_t)((random_word(r) >> 32) * n >> 32);
}

/** True once in n times */
static inline bool random_once(struct random *r, uint32_t n)
{
	return random_below(r, n) == 0;
}
