/* SPDX-License-Identifier: MIT */
/**
 * CPUID by leaf; all zero for a leaf that the CPU does not have
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum cpuid_register { CPUID_AX, CPUID_BX, CPUID_CX, CPUID_DX };

struct cpuid { uint32_t r[4]; };

static inline struct cpuid cpuid_raw(uint32_t leaf, uint32_t sub)
{
	struct cpuid c;
	__asm__ volatile ("cpuid"
	                  : "=a" (c.r[CPUID_AX]), "=b" (c.r[CPUID_BX]),
	                    "=c" (c.r[CPUID_CX]), "=d" (c.r[CPUID_DX])
	                  : "a" (leaf), "c" (sub));
	return c;
}

static inline struct cpuid cpuid(uint32_t leaf, uint32_t sub)
{
	if (cpuid_raw(leaf & 0xc0000000, 0).r[CPUID_AX] < leaf)
		return (struct cpuid){ 0 };
	return cpuid_raw(leaf, sub);
}

static inline bool cpuid_bit(struct cpuid const *c, enum cpuid_register where,
                             unsigned bit)
{
	return c->r[where] >> bit & 1;
}
