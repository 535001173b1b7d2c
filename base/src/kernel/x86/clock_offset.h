/* SPDX-License-Identifier: MIT */
/**
 * What a counter lacks to be equal to another CPU's, as messages between them tell
 *
 * A round: this counter is read, the other one later, this one later still. So
 * each round bounds the difference from both sides, and the bounds of all rounds
 * together are at least as narrow as the quickest one's. Counters wrap.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <util/minmax.h>

struct clock_offset { int64_t least, most; };

#define CLOCK_OFFSET_UNKNOWN (struct clock_offset){ INT64_MIN, INT64_MAX }

static inline void clock_offset_narrow(struct clock_offset *offset,
                                       uint64_t before, uint64_t there,
                                       uint64_t after)
{
	offset->least = max(offset->least, (int64_t)(there - after));
	offset->most  = min(offset->most, (int64_t)(there - before));
}

/** Nobody saw one of them go back after it had seen the other */
static inline bool clock_offset_none(struct clock_offset const *offset)
{
	return offset->least <= 0 && offset->most >= 0;
}

/** What to add if there is an offset, right but for half the bounds' distance */
static inline int64_t clock_offset_middle(struct clock_offset const *offset)
{
	return offset->least + (offset->most - offset->least) / 2;
}
