/* SPDX-License-Identifier: MIT */
/** A component that shows by its steady beat that the rest runs on */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } witness_cap_t;

SERVICE(witness, "Witness", 16 * 1024, 4);

/** Beats so far, and the longest time between two of them since the last call */
RPC enum error witness_beats(witness_cap_t witness, OUT uint64_t *count,
                             OUT uint64_t *longest_us);
