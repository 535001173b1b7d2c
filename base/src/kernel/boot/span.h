/* SPDX-License-Identifier: MIT */
/**
 * Sets of addresses as sorted, disjoint, non-adjacent spans of a fixed number
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SPANS_MAX = 128 };

struct span { uint64_t base, end; };         /* end is exclusive */
struct span_set { unsigned n; struct span span[SPANS_MAX]; };

/** False: no room, and the set is unchanged. Empty spans are ignored */
bool span_add(struct span_set *, uint64_t base, uint64_t end);
bool span_remove(struct span_set *, uint64_t base, uint64_t end);
/** All of it is in the set */
bool span_contains(struct span_set const *, uint64_t base, uint64_t end);
