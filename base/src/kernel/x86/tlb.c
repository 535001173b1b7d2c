/* SPDX-License-Identifier: MIT */
/**
 * Cached translations: tags, switch of address spaces, shoot-down
 *
 * With PCIDs (SDM 3A 4.10.1) a space has one of TLB_TAGS numbers, which it may
 * share with others. Each CPU remembers the tag for which it used a number last;
 * only if that is the space's present tag are its translations still valid.
 *
 * A switch against a shoot-down: the CPU stores cpu->space, loads CR3, which
 * serializes (SDM 3A 8.3), and then reads the tag again. The other side changes
 * the tag by a locked instruction, and then reads cpu->space. So either the new
 * tag or the new space is seen, or both.
 */

/* Internal */
#include <kernel/apic.h>
#include <kernel/main.h>

/* Local */
#include "init.h"
#include "tlb.h"

#define CR3_KEEP        (1UL << 63)           /* SDM 3A 4.10.4.1 */
#define CR3_NUMBER      0xfffUL
#define TAG_RETIRED     0UL

struct page_table page_table_kernel = { .tag = 1 };

static uint64_t last_tag = 1;
static uint32_t last_number;

static uint64_t new_tag(void)
{
	return __atomic_add_fetch(&last_tag, 1, __ATOMIC_SEQ_CST);
}

void tlb_tag_init(struct page_table *pt, uint64_t root_phys)
{
	uint64_t number = 0;                  /* 0 is the kernel's own */
	if (cpu_features.pcid)
		number = 1 + __atomic_add_fetch(&last_number, 1,
		                                __ATOMIC_RELAXED) %
		             (TLB_TAGS - 1);
	pt->cr3 = root_phys | number;
	pt->tag = new_tag();
}

/** Load CR3 for the present tag */
static void load(struct cpu *cpu, struct page_table *pt)
{
	if (!cpu_features.pcid) {
		cpu_cr3_write(pt->cr3);
		return;
	}
	uint64_t *const known = &cpu->tlb_tag[pt->cr3 & CR3_NUMBER];
	uint64_t tag;
	do {
		tag = pt->tag;
		cpu_cr3_write(*known == tag ? pt->cr3 | CR3_KEEP : pt->cr3);
		*known = tag;
	} while (pt->tag != tag);
}

void page_table_reload(struct cpu *cpu, struct page_table *pt)
{
	cpu->space = pt;
	load(cpu, pt);
}

/** Forget what this CPU has cached of its present space */
static void flush(struct cpu *cpu)
{
	struct page_table *const pt = cpu->space;
	uint64_t const tag = pt->tag;
	if (tag == TAG_RETIRED) {
		page_table_reload(cpu, &page_table_kernel);
		return;
	}
	cpu_cr3_write(pt->cr3);
	cpu->tlb_tag[pt->cr3 & CR3_NUMBER] = tag;
}

void tlb_serve(struct cpu *cpu)
{
	uint64_t const wanted =
		__atomic_load_n(&cpu->tlb_wanted, __ATOMIC_ACQUIRE);
	if (wanted == cpu->tlb_done)
		return;
	flush(cpu);
	__atomic_store_n(&cpu->tlb_done, wanted, __ATOMIC_RELEASE);
}

static void wait_for(struct cpu *self, struct cpu const *other, uint64_t wanted)
{
	while ((int64_t)(__atomic_load_n(&other->tlb_done, __ATOMIC_ACQUIRE) -
	                 wanted) < 0) {
		tlb_serve(self);
		cpu_pause();
	}
}

/** The tag has been changed: tell the CPUs that use the space */
static void announce(struct page_table *pt)
{
	struct cpu *const self = cpu_self();
	uint32_t const count = cpu_count;
	uint64_t wanted[CPUS_MAX];

	if (self->space == pt)
		flush(self);
	for (uint32_t i = 0; i < count; i++) {
		struct cpu *const cpu = cpu_table[i];
		wanted[i] = 0;
		if (cpu == self || cpu->space != pt)
			continue;
		wanted[i] = __atomic_add_fetch(&cpu->tlb_wanted, 1,
		                               __ATOMIC_SEQ_CST);
		apic_send(cpu, VECTOR_TLB);
	}
	for (uint32_t i = 0; i < count; i++)
		if (wanted[i])
			wait_for(self, cpu_table[i], wanted[i]);
}

void tlb_shoot(struct page_table *pt)
{
	__atomic_exchange_n(&pt->tag, new_tag(), __ATOMIC_SEQ_CST);
	announce(pt);
}

void page_table_retire(struct page_table *pt)
{
	__atomic_exchange_n(&pt->tag, TAG_RETIRED, __ATOMIC_SEQ_CST);
	announce(pt);
}
