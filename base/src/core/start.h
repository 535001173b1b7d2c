/* SPDX-License-Identifier: MIT */
/**
 * What the kernel told core at its start
 */
#pragma once

/* Internal */
#include <base/internal/start.h>

extern struct boot_info const *start_boot_info;
extern cap_t    start_pd, start_thread;
extern uint64_t start_phys;   /* where physical memory is mapped, one to one */
