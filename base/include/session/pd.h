/* SPDX-License-Identifier: MIT */
/**
 * Protection domain: accounts of RAM and capabilities, address space, objects
 *
 * A PD session is a component-to-be, or the component itself, which gets the
 * capability of its own at start. What a component uses is charged to the
 * accounts of its PD: RAM in bytes (kernel memory included), capabilities by
 * number.
 */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

SERVICE(pd, "PD", 48 * 1024, 6);

/* -- memory -- */

enum pd_ram_flags {
	PD_RAM_UNCACHED = 1, PD_RAM_WRITE_COMBINED = 2,
	PD_RAM_CONTIGUOUS = 4,         /* physically contiguous, for DMA */
};

/**
 * Zeroed memory, rounded up to 4096, at most 16 GiB
 *
 * Charged at once; pages are wiped when they are mapped for the first time. From
 * 2 MiB on it consists of large pages where that is possible. Returns NO_RAM,
 * NO_CAPS, INVALID.
 */
RPC enum error pd_ram_alloc(pd_cap_t pd, IN uint64_t size, IN uint32_t flags,
                            OUT dataspace_cap_t *ds);

/**
 * Free own memory, a clone or a view; it vanishes from all address spaces
 *
 * In regions of others, zeros take its place, and a private page where they
 * write (doc/memory.md). Returns INVALID (not own).
 */
RPC enum error pd_ram_free(pd_cap_t pd, IN dataspace_cap_t ds);

/**
 * Copy of RAM as it is now, whoever owns it; writes to either are seen there only
 *
 * Pages are copied when they are written. All of them, and 1/170 for notes, are
 * charged now, so that no write can fail later. INVALID: not RAM, contiguous, or
 * not cached as usual. LIMIT: the original has 256 clones, or is larger than
 * 1 GiB. Returns NO_RAM, NO_CAPS, GONE.
 */
RPC enum error pd_ram_clone(pd_cap_t pd, IN dataspace_cap_t ds,
                            OUT dataspace_cap_t *clone);

/**
 * Capability to read the memory of 'ds', whoever owns it, but not to write it
 *
 * It dies with 'ds', or by pd_ram_free. INVALID: a managed dataspace, which one
 * attaches for reading to another. Returns NO_RAM, NO_CAPS, GONE.
 */
RPC enum error pd_ram_view(pd_cap_t pd, IN dataspace_cap_t ds,
                           OUT dataspace_cap_t *view);

/**
 * Take the right to write to own memory from everybody, for ever
 *
 * Whoever gets it can be sure of its content then (dataspace_sealed). INVALID:
 * not own RAM, or contiguous: devices do not ask for rights.
 */
RPC enum error pd_ram_seal(pd_cap_t pd, IN dataspace_cap_t ds);

/** Region map of the address space */
RPC enum error pd_address_space(pd_cap_t pd, OUT rm_cap_t *rm);

/* -- objects of the PD -- */

/** Portal to 'thread' of this PD; 'label' comes with each call of it. NO_RAM, NO_CAPS */
RPC enum error pd_portal_create(pd_cap_t pd, IN thread_cap_t thread,
                                IN uint64_t label, OUT object_cap_t *portal);

/** Signal to 'thread' of this PD. Returns NO_RAM, NO_CAPS, INVALID */
RPC enum error pd_signal_create(pd_cap_t pd, IN thread_cap_t thread,
                                IN uint64_t label, OUT signal_cap_t *signal);

/**
 * Destroy a portal or signal of this PD; nobody can reach it afterwards
 *
 * Returns INVALID (not of this PD), GONE.
 */
RPC enum error pd_object_destroy(pd_cap_t pd, IN object_cap_t object);

/**
 * Provide the means to receive or hold capabilities
 *
 * What 'ld' calls when a system call reported KERNEL_RAM. Returns NO_RAM.
 */
RPC enum error pd_kernel_refill(pd_cap_t pd);

/* -- accounts -- */

/**
 * What may be used, and what is
 *
 * Kernel memory, and the free rest of pages that core keeps small objects in, are
 * 'ram_kept' of the RAM that is used. They stay for a while when what needed them is
 * gone: how much it was at one time depends on who was faster. The other
 * ram_used - ram_kept bytes, names and objects are right to the byte: what they are
 * more after something is gone for good, is a leak.
 */
WIRE struct pd_account {
	uint64_t ram_limit, ram_used;
	uint64_t caps_limit, caps_used;
	uint64_t ram_kept;
	uint64_t names;             /* capabilities held, of own and others' objects */
	uint64_t objects;           /* threads, portals, signals … in the kernel */
};
RPC enum error pd_account(pd_cap_t pd, OUT struct pd_account *account);

/**
 * Move free quota to another PD's account. Returns NO_RAM, NO_CAPS, INVALID
 *
 * Either PD must be the other's reference account, or have the same one.
 */
RPC enum error pd_transfer(pd_cap_t pd, IN pd_cap_t to, IN uint64_t ram,
                           IN uint64_t caps);

/**
 * Make 'pd' the reference account of 'child', which must have none. CONFLICT;
 * LIMIT: there are 64 such accounts above each other
 */
RPC enum error pd_reference(pd_cap_t child, IN pd_cap_t pd);

/* -- start -- */

/**
 * Start the component: map 'ld', create its first thread, hand over capabilities
 *
 * The thread comes from 'cpu' with its default priority. Null capabilities are
 * simply missing in the component. Returns CONFLICT (started before), NO_RAM,
 * NO_CAPS (of this PD), INVALID (no CPU session).
 */
RPC enum error pd_start(pd_cap_t pd, IN cpu_cap_t cpu, IN OPT parent_cap_t parent,
                        IN OPT log_cap_t log, IN OPT rom_cap_t binary);

/**
 * What the component is to find as its own PD and CPU session at start, instead
 * of this PD and the session in pd_start: for who interposes them. CONFLICT
 */
RPC enum error pd_present(pd_cap_t pd, IN pd_cap_t own, IN OPT cpu_cap_t cpu);

/**
 * New signal to the component's first thread, which asks parent_attention then
 *
 * Charged to the PD. Returns NO_RAM, NO_CAPS, NOT_FOUND (no thread).
 */
RPC enum error pd_attention(pd_cap_t pd, OUT signal_cap_t *attention);
