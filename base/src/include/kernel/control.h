/* SPDX-License-Identifier: MIT */
/**
 * Privileged operations, for the thread 'ec' of core
 *
 * They are what core/kernel.h says; base-nova offers them as system calls, base-hw
 * as calls of core. All check first. CONTROL_AGAIN: to be called again with the
 * same arguments, after others had their turn; what was begun is noted in 'ec'.
 * KERNEL_RAM: ec->missing frames lack.
 */
#pragma once

/* Internal */
#include <core/kernel.h>
#include <kernel/ec.h>

#define CONTROL_AGAIN N_ERRORS

/* Objects */
enum error control_pd_create(struct ec *, uint64_t phys, uint64_t frames,
                             cap_t *name) MUST_USE;
enum error control_pd_donate(struct ec *, cap_t pd, uint64_t phys,
                             uint64_t frames) MUST_USE;
enum error control_pd_info(struct ec *, cap_t pd,
                           struct kernel_pd_info *) MUST_USE;
enum error control_thread_create(struct ec *, cap_t pd,
                                 struct kernel_thread_args const *,
                                 cap_t *name) MUST_USE;
enum error control_portal_create(struct ec *, cap_t pd, cap_t thread,
                                 uint64_t label, cap_t *name) MUST_USE;
enum error control_signal_create(struct ec *, cap_t pd, cap_t thread,
                                 uint64_t label, cap_t *name) MUST_USE;
enum error control_irq_create(struct ec *, cap_t pd, uint64_t gsi,
                              uint64_t kind, uint64_t cpu, cap_t *name,
                              struct kernel_msi *) MUST_USE;
enum error control_irq_bind(struct ec *, cap_t irq, cap_t signal) MUST_USE;
enum error control_irq_ack(struct ec *, cap_t irq) MUST_USE;
enum error control_destroy(struct ec *, cap_t object) MUST_USE;
enum error control_destroy_owned(struct ec *, cap_t pd, cap_t object) MUST_USE;
enum error control_delegate(struct ec *, cap_t pd, cap_t object,
                            cap_t *name) MUST_USE;

/* Threads */
enum error control_thread_event(struct ec *, cap_t thread,
                                enum ec_event) MUST_USE;
enum error control_thread_priority(struct ec *, cap_t thread,
                                   uint64_t priority) MUST_USE;
enum error control_thread_state(struct ec *, cap_t thread,
                                struct kernel_thread_state *) MUST_USE;
enum error control_thread_set_state(struct ec *, cap_t thread,
                                    struct kernel_thread_state const *) MUST_USE;
enum error control_thread_time(struct ec *, cap_t thread, uint64_t *) MUST_USE;

/* Mappings: the range is advanced by what was done */
enum error control_map(struct ec *, cap_t pd, uint64_t *virt, uint64_t *phys,
                       uint64_t *size, unsigned flags) MUST_USE;
enum error control_unmap(struct ec *, cap_t pd, uint64_t *virt,
                         uint64_t *size) MUST_USE;

/* Machine */
enum error control_idle_time(uint64_t cpu, uint64_t *) MUST_USE;
void control_reboot(void);
