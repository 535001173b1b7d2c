/* SPDX-License-Identifier: MIT */
/** A server that lends its memory, and ends when it is told to */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } lender_cap_t;

SERVICE(lender, "Lender", 16 * 1024, 4);

/** Memory of the server itself, of 16 pages */
RPC enum error lender_memory(lender_cap_t lender, OUT dataspace_cap_t *ds);

/** Let the server end, after the reply */
RPC enum error lender_end(lender_cap_t lender);
