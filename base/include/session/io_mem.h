/* SPDX-License-Identifier: MIT */
/**
 * Device memory; the text names it: "io_mem | base: 0xfee00000 | size: 4096"
 *
 * "write_combined: yes" for frame buffers. RAM is refused, and what the route does not
 * grant (doc/configuration.md).
 */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } io_mem_cap_t;

SERVICE(io_mem, "IO_MEM", 6 * 1024, 3);

/** The range as a dataspace, rounded to pages */
RPC enum error io_mem_dataspace(io_mem_cap_t io, OUT dataspace_cap_t *ds);

/**
 * Physical address of memory allocated with PD_RAM_CONTIGUOUS
 *
 * Only who has a device has to know. Returns DENIED (not contiguous), INVALID,
 * GONE.
 */
RPC enum error io_mem_physical(io_mem_cap_t io, IN dataspace_cap_t ds,
                               OUT uint64_t *address);
