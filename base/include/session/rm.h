/* SPDX-License-Identifier: MIT */
/** Region map: attach dataspaces to an address space or to a managed dataspace */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

/** Sessions create managed dataspaces; the region map of a component is in its PD */
SERVICE(rm, "RM", 16 * 1024, 4);

/** Flags of rm_attach */
enum rm_flags { RM_READ = 0, RM_WRITE = 1, RM_EXEC = 2, RM_FIXED = 4 };

/**
 * Attach [offset, + size) of 'ds' (size 0: all of the rest)
 *
 * With RM_FIXED at address 'at', otherwise the map chooses and 'at' is ignored.
 * Address, offset and size are multiples of 4096. WRITE with EXEC is INVALID.
 * Returns CONFLICT (overlap, no space), INVALID, DENIED (not writable), NO_RAM,
 * GONE, LIMIT (nesting deeper than 8, or a cycle).
 */
RPC enum error rm_attach(rm_cap_t rm, IN dataspace_cap_t ds, IN uint64_t at,
                         IN uint64_t offset, IN uint64_t size, IN uint32_t flags,
                         OUT uint64_t *address);

/** Detach the region that contains 'address'. Returns NOT_FOUND */
RPC enum error rm_detach(rm_cap_t rm, IN uint64_t address);

/** The region map as a dataspace, to be attached elsewhere. INVALID for a PD's */
RPC enum error rm_dataspace(rm_cap_t rm, OUT dataspace_cap_t *ds);

/** Signal for faults that no region answers. 'handler' may be null: none */
RPC enum error rm_fault_handler(rm_cap_t rm, IN OPT signal_cap_t handler);

WIRE enum rm_access { RM_ACCESS_READ, RM_ACCESS_WRITE, RM_ACCESS_EXEC };

/** Oldest unanswered fault: offset in the map. Returns AGAIN (there is none) */
RPC enum error rm_fault(rm_cap_t rm, OUT uint64_t *address,
                        OUT enum rm_access *access);

/** Resume all threads that wait for a fault in this map */
RPC enum error rm_resume(rm_cap_t rm);
