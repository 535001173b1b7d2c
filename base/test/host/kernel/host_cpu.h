/* SPDX-License-Identifier: MIT */
/**
 * Put in front of the kernel's files: RAM is an array, the CPU is a simulated one
 */
#pragma once

#include <kernel/layout.h>

/* The kernel's direct map; cpu.h must not have been included before */
extern char host_ram[];
#undef  KERNEL_PHYS_BASE
#define KERNEL_PHYS_BASE ((uint64_t)host_ram)
#undef  KERNEL_PHYS_END
#define KERNEL_PHYS_END  (KERNEL_PHYS_BASE + (1UL << 46))

#include <kernel/cpu.h>

/** The CPU that executes at the moment */
extern struct cpu *host_cpu;
#define cpu_self() host_cpu

void host_cr3_write(uint64_t value);
#define cpu_cr3_write host_cr3_write
