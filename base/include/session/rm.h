/* SPDX-License-Identifier: MIT */
/** Region map: attach dataspaces to an address space or to a managed dataspace */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

/**
 * A region map has regions, each of which shows a part of a dataspace. That of a
 * component is its address space. That of an RM session is a dataspace by itself,
 * a managed one: who attaches it sees the map's regions, and may have them
 * provided on demand: an access that no region answers, or that the region does
 * not permit, waits for the map's fault handler, if there is one. What is allowed
 * is what all regions on the way allow.
 */

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

/**
 * Detach the region that contains 'address'
 *
 * When it returned, nobody sees its memory through it, however it was attached
 * elsewhere. Returns NOT_FOUND.
 */
RPC enum error rm_detach(rm_cap_t rm, IN uint64_t address);

/** The region map as a dataspace, to be attached elsewhere. INVALID for a PD's */
RPC enum error rm_dataspace(rm_cap_t rm, OUT dataspace_cap_t *ds);

/**
 * Signal for faults that no region answers or permits; null: none
 *
 * Without a handler, who accesses such an address is stopped (cpu_fault).
 */
RPC enum error rm_fault_handler(rm_cap_t rm, IN OPT signal_cap_t handler);

WIRE enum rm_access { RM_ACCESS_READ, RM_ACCESS_WRITE, RM_ACCESS_EXEC };

/**
 * Oldest fault that was not told yet: offset of the page in the map
 *
 * The thread waits until rm_resume. Returns AGAIN (there is none).
 */
RPC enum error rm_fault(rm_cap_t rm, OUT uint64_t *address,
                        OUT enum rm_access *access);

/** Resume all threads that wait in this map; whose fault remains, waits again */
RPC enum error rm_resume(rm_cap_t rm);
