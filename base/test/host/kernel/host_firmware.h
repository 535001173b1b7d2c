/* SPDX-License-Identifier: MIT */
/**
 * Put in front of the boot code's files: firmware's memory is a mapping of 4 GiB,
 * behind which nothing is
 */
#pragma once

#include <kernel/layout.h>

#undef  KERNEL_PHYS_BASE
#define KERNEL_PHYS_BASE 0x200000000000UL
#undef  KERNEL_PHYS_END
#define KERNEL_PHYS_END  (KERNEL_PHYS_BASE + (1UL << 46))

#include <kernel/cpu.h>
