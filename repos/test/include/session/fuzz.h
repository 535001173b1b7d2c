/* SPDX-License-Identifier: MIT */
/** Other side of a fuzzer: somebody else's portals, and calls from outside */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } fuzz_cap_t;

SERVICE(fuzz, "Fuzz", 16 * 1024, 4);

enum { FUZZ_TARGETS = 16 };

/** A portal of a bare loop that answers with words and capabilities at random */
RPC enum error fuzz_portal(fuzz_cap_t fuzz, IN uint32_t cpu,
                           OUT object_cap_t *portal);

/** Be called with words and capabilities at random; replaces target 'index' */
RPC enum error fuzz_target(fuzz_cap_t fuzz, IN uint32_t index,
                           IN object_cap_t target);
