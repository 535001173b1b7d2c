/* SPDX-License-Identifier: MIT */
/**
 * What core asks of its kernel: objects, mappings, delegation
 *
 * On base-nova these are system calls that need the CONTROL right, which core
 * alone holds; on base-hw they are calls into the kernel that core is linked
 * with. Names are those of core's own name table. All operations check first
 * and have no effect when they fail. KERNEL_RAM: the pool of the domain that
 * has to pay lacks memory; kernel_missing() then tells how many frames.
 */
#pragma once

#include <base/internal/boot.h>
#include <base/rpc.h>
#include <core/control.h>

struct boot_info const *kernel_boot_info(void);

/** Frames that the last failed operation of this thread lacked */
unsigned kernel_missing(void);

/** A pointer to physical memory, valid for all RAM that core was told of */
void *kernel_phys(uint64_t phys);

/** Name of core's own protection domain and first thread */
cap_t kernel_core_pd(void);
cap_t kernel_core_thread(void);

/* -- protection domains and their memory -- */

/**
 * New domain, whose memory pool starts with the frames [phys, + frames)
 *
 * The frames belong to the kernel until kernel_destroy returned. Returns
 * INVALID (too few, unaligned), KERNEL_RAM (of core, for the name).
 */
enum error kernel_pd_create(uint64_t phys, unsigned frames, cap_t *pd) MUST_USE;

/** Add frames to the pool */
enum error kernel_pd_donate(cap_t pd, uint64_t phys, unsigned frames) MUST_USE;

struct kernel_pd_info { uint32_t frames, free; uint32_t caps, objects; };
enum error kernel_pd_info(cap_t pd, struct kernel_pd_info *info) MUST_USE;

/* -- objects; 'pd' pays for them and they die with it -- */

/** New thread, stopped. Returns INVALID, KERNEL_RAM */
enum error kernel_thread_create(cap_t pd, struct kernel_thread_args const *,
                                cap_t *thread) MUST_USE;

enum error kernel_portal_create(cap_t pd, cap_t thread, uint64_t label,
                                cap_t *portal) MUST_USE;
enum error kernel_signal_create(cap_t pd, cap_t thread, uint64_t label,
                                cap_t *signal) MUST_USE;

struct kernel_msi { uint64_t address; uint32_t data; uint32_t pad; };

/** Interrupt source; 'gsi' is ignored for MSI, 'msi' (may be NULL) for others.
 *  Created masked; CONFLICT if the GSI is in use, INVALID if there is none, or the
 *  CPU's APIC id has more than 8 bits */
enum error kernel_irq_create(cap_t pd, uint32_t gsi, enum kernel_irq_kind,
                             uint32_t cpu, cap_t *irq, struct kernel_msi *msi) MUST_USE;
/** Signal to submit at each interrupt; 0: none */
enum error kernel_irq_bind(cap_t irq, cap_t signal) MUST_USE;
enum error kernel_irq_ack(cap_t irq) MUST_USE;

/**
 * Destroy an object, whoever holds names of it
 *
 * Returns when nobody can be using it any more: threads were stopped, blocked
 * callers woken with GONE, a grace period passed, memory is back in the pool.
 * INVALID: no CONTROL right.
 */
enum error kernel_destroy(cap_t object) MUST_USE;

/**
 * A step of it, of at most about 20,000 instructions. AGAIN: there are more
 *
 * '*rest' is 0 at first. Nobody finds the object any more then; to go on, its
 * domain must not be destroyed meanwhile.
 */
enum error kernel_destroy_step(cap_t object, uint64_t *rest) MUST_USE;

/**
 * Give 'pd' a capability for 'object' without CONTROL right; its name there
 *
 * Returns KERNEL_RAM (of 'pd'), NO_CAPS (its name table is full), GONE, INVALID.
 */
enum error kernel_delegate(cap_t pd, cap_t object, cap_t *name) MUST_USE;

/**
 * The same of a portal or signal, which need not be held with CONTROL right, if
 * it belongs to 'pd', which must be
 */
enum error kernel_destroy_owned_step(cap_t pd, cap_t object,
                                     uint64_t *rest) MUST_USE;

/* -- threads -- */

enum error kernel_thread_start(cap_t thread) MUST_USE;
enum error kernel_thread_pause(cap_t thread) MUST_USE;   /* returns when it is */
enum error kernel_thread_resume(cap_t thread) MUST_USE;
enum error kernel_thread_state(cap_t thread, struct kernel_thread_state *) MUST_USE;
/** Only while paused, parked or not yet started */
enum error kernel_thread_set_state(cap_t thread, struct kernel_thread_state const *) MUST_USE;
/**
 * KERNEL_FPU_LINE bytes of the FPU state at 'offset', as the states above allow
 *
 * INVALID: 'offset' is no multiple of it, or beyond the state. XSAVE's header is
 * not set. Setting returns KERNEL_RAM, too.
 */
enum error kernel_thread_fpu(cap_t thread, uint64_t offset, void *line) MUST_USE;
enum error kernel_thread_set_fpu(cap_t thread, uint64_t offset, void const *line) MUST_USE;
/**
 * CPU, priority, and group of CPU budgets, from now on. Returns INVALID
 *
 * It moves to the CPU by itself, when it has neither caller nor call; a context
 * does not.
 */
enum error kernel_thread_schedule(cap_t thread, uint32_t cpu, uint32_t priority,
                                  unsigned group) MUST_USE;
/** End the wait of a fault that was answered by SYS_REPLY_PARK */
enum error kernel_thread_unpark(cap_t thread) MUST_USE;
/** Execution time only: the cheap one */
enum error kernel_thread_time(cap_t thread, uint64_t *tsc) MUST_USE;

/**
 * Percent of each CPU's time that a group of threads gets if it wants it
 *
 * With the quota of a period spent, they run only when no thread of another group
 * with a rest is ready. At first 0; group 0 always has a rest. Returns INVALID.
 */
enum error kernel_cpu_quota(unsigned group, unsigned percent) MUST_USE;

/* -- mappings -- */

/**
 * Map [phys, + size) at 'virt', replacing nothing: CONFLICT where mapped
 *
 * All are multiples of 4096; the kernel uses large pages where alignment
 * allows. WRITE and EXEC together are INVALID. Large sizes are done in steps;
 * with KERNEL_RAM the part before is mapped, and repeating is harmless, since an
 * equal mapping is no conflict.
 */
enum error kernel_map(cap_t pd, uint64_t virt, uint64_t phys, uint64_t size,
                      unsigned flags) MUST_USE;

/**
 * Unmap what is mapped in the range; no CPU uses it once this returned
 *
 * A large page vanishes as a whole. Lacks no memory; fails only for a range that
 * is none, or a domain that is gone.
 */
enum error kernel_unmap(cap_t pd, uint64_t virt, uint64_t size) MUST_USE;

/** A step of it, which advances the range. AGAIN: there is a rest */
enum error kernel_unmap_step(cap_t pd, uint64_t *virt, uint64_t *size) MUST_USE;

/* -- machine -- */

/** Character to the kernel's debug serial port, unless given away */
void kernel_console_put(char c);
/** The port now belongs to a component; only a panic uses it afterwards */
void kernel_console_give_away(void);
/** Idle time of a CPU in TSC ticks since boot */
enum error kernel_idle_time(uint32_t cpu, uint64_t *tsc) MUST_USE;
/** Reset the machine; returns only if that is impossible */
enum error kernel_reboot(void) MUST_USE;
