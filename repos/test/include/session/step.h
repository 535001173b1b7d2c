/* SPDX-License-Identifier: MIT */
/** What children tell in the test of live changes, and serve each other */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } step_cap_t;

SERVICE(step, "Step", 16 * 1024, 4);

/** Note it down, under the session's label */
RPC enum error step_say(step_cap_t step, IN STRING(96) text);

/** A page of the server's memory, which it may free when it likes */
RPC enum error step_buffer(step_cap_t step, OUT dataspace_cap_t *ds);
