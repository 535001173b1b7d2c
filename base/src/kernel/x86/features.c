/* SPDX-License-Identifier: MIT */
/**
 * What the CPU can do: refused without what we need, noted what we can use
 *
 * Bits: SDM 2A, CPUID; leaf 80000001h also APM 3 appendix E.
 */

/* Internal */
#include <kernel/panic.h>

/* Local */
#include "cpuid.h"
#include "init.h"

struct cpu_features cpu_features;

struct need { enum cpuid_register where; unsigned bit; char const *name; };

static struct need const needed[] = {
	{ CPUID_DX, 3,  "2 MiB pages" },
	{ CPUID_DX, 4,  "TSC" },
	{ CPUID_DX, 5,  "MSRs" },
	{ CPUID_DX, 9,  "local APIC" },
	{ CPUID_DX, 13, "global pages" },
	{ CPUID_DX, 16, "page attribute table" },
	{ CPUID_DX, 24, "FXSAVE" },
	{ CPUID_DX, 26, "SSE2" },
};

void cpu_features_check(void)
{
	struct cpuid const basic = cpuid(1, 0);
	for (unsigned i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (!cpuid_bit(&basic, needed[i].where, needed[i].bit))
			panic("this CPU lacks: %s", needed[i].name);

	struct cpuid const extended = cpuid(0x80000001, 0);
	if (!cpuid_bit(&extended, CPUID_DX, 11))
		panic("this CPU lacks: SYSCALL");

	struct cpuid const more = cpuid(7, 0);
	cpu_features = (struct cpu_features){
		.pcid      = cpuid_bit(&basic, CPUID_CX, 17),
		.x2apic    = cpuid_bit(&basic, CPUID_CX, 21),
		.deadline  = cpuid_bit(&basic, CPUID_CX, 24),
		.xsave     = cpuid_bit(&basic, CPUID_CX, 26),
		.guest     = cpuid_bit(&basic, CPUID_CX, 31),
		.tsc_adjust = cpuid_bit(&more, CPUID_BX, 1),
		.smep      = cpuid_bit(&more, CPUID_BX, 7),
		.smap      = cpuid_bit(&more, CPUID_BX, 20),
		.umip      = cpuid_bit(&more, CPUID_CX, 2),
		.gib_pages = cpuid_bit(&extended, CPUID_DX, 26),
	};
}

/** SDM 3A 9.4.5: the id of the first leaf that has it */
uint32_t cpu_own_apic_id(void)
{
	struct cpuid const topology = cpuid(0xb, 0);
	if (topology.r[CPUID_BX])
		return topology.r[CPUID_DX];
	return cpuid(1, 0).r[CPUID_BX] >> 24;
}
