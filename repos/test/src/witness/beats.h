/* SPDX-License-Identifier: MIT */
/** Steady beat of a component that must not notice anything; Witness tells it */
#pragma once

#include <base/env.h>

struct beats {
	uint64_t count, last_us;
	uint64_t longest_us;    /* between two of them, since it was asked for */
};

extern struct beats beats;

/** One more, now */
void beats_add(void);

/** Offer the service. Returns as service_announce */
enum error beats_announce(struct env *env) MUST_USE;
