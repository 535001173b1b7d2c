/* SPDX-License-Identifier: MIT */
/**
 * User half of an address space
 *
 * The caller holds the lock of the domain for everything but activation.
 * Tables come from the domain's pool (kernel/pool.h).
 * Translations carry a tag: a 64-bit number that is never used twice and that
 * changes with every removal, so that what a CPU cached under an old tag is
 * recognised as stale at the next switch. CPUs that use the space at that
 * moment are interrupted.
 */
#pragma once

#include <base/error.h>
#include <core/control.h>
#include <kernel/cpu.h>

struct pool;

struct page_table {
	uint64_t cr3;              /* root, and with PCIDs the number of its tag */
	uint64_t volatile tag;     /* 0: retired */
};

/** Empty space; 'root_phys' is a frame of any content */
void page_table_init(struct page_table *, uint64_t root_phys);

/**
 * Map one step: at most 512 entries of one table; flags: enum kernel_map_flags
 *
 * On OK '*done' bytes from 'virt' on are mapped (all of it, if that is 'size').
 * KERNEL_RAM: '*missing' more frames are needed for this step, nothing was done.
 * CONFLICT: something else is mapped there (an equal mapping is skipped).
 * INVALID: unaligned, beyond the user half, write and execute.
 */
enum error page_table_map(struct page_table *, struct pool *, uint64_t virt,
                          uint64_t phys, uint64_t size, unsigned flags,
                          uint64_t *done, unsigned *missing) MUST_USE;

/**
 * Unmap one step: at most 512 entries of one table
 *
 * No CPU uses these translations when it returns. A large page of which the
 * range covers a part vanishes as a whole, so that no memory is needed: whoever
 * maps large pages maps the rest again when it is missed. A table stays until a
 * step covers all of it, or the domain is gone. INVALID, as above.
 */
enum error page_table_unmap(struct page_table *, struct pool *, uint64_t virt,
                            uint64_t size, uint64_t *done) MUST_USE;

/** Make all CPUs leave the space (they switch to the kernel's own) */
void page_table_retire(struct page_table *);

/** The kernel's own space: no user half; root in the direct map, set at boot */
extern struct page_table page_table_kernel;

/** Switch if tag or space differ; for the running CPU's struct */
void page_table_reload(struct cpu *, struct page_table *);

static inline void page_table_activate(struct cpu *cpu, struct page_table *pt)
{
	if (cpu->space != pt)
		page_table_reload(cpu, pt);
}

/* -- shoot-down -- */

/** At VECTOR_TLB, and in every loop that waits for another CPU */
void tlb_serve(struct cpu *);
