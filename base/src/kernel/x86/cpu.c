/* SPDX-License-Identifier: MIT */
/**
 * Registers of one CPU: descriptor tables, control registers, MSRs
 */

/* Internal */
#include <kernel/cpu.h>
#include <kernel/main.h>
#include <kernel/page_table.h>
#include <kernel/vector.h>

/* Local */
#include "init.h"

_Static_assert(sizeof(struct tss) == 104, "SDM 3A figure 8-11");

/* SDM 3A 2.5 */
enum { CR0_MP = 1 << 1, CR0_EM = 1 << 2, CR0_TS = 1 << 3, CR0_NE = 1 << 5,
       CR0_WP = 1 << 16 };
enum { CR4_DE = 1 << 3, CR4_PAE = 1 << 5, CR4_MCE = 1 << 6, CR4_PGE = 1 << 7,
       CR4_OSFXSR = 1 << 9, CR4_OSXMMEXCPT = 1 << 10, CR4_UMIP = 1 << 11,
       CR4_PCIDE = 1 << 17, CR4_OSXSAVE = 1 << 18, CR4_SMEP = 1 << 20,
       CR4_SMAP = 1 << 21 };

/* SDM 4, table 2-2 */
enum { MSR_SYSENTER_CS = 0x174, MSR_PAT = 0x277 };
#define MSR_EFER            0xc0000080U
#define MSR_STAR            0xc0000081U
#define MSR_SFMASK          0xc0000084U
#define MSR_GS_BASE         0xc0000101U

enum { EFER_SCE = 1 << 0, EFER_NXE = 1 << 11 };

/* Cleared at SYSCALL: TF IF DF IOPL NT RF AC (SDM 3A 2.3) */
enum { SYSCALL_FLAGS = 1 << 8 | 1 << 9 | 1 << 10 | 3 << 12 | 1 << 14 |
                       1 << 16 | 1 << 18 };

/*
 * Memory types by PAT entry (SDM 3A 12.12): 0 write back, 1 write combining,
 * 2 weakly uncached, 3 uncached; then the same again. Large and small pages
 * select one of the first four by PWT and PCD.
 */
#define PAT 0x0007010600070106UL

/* Segments (SDM 3A 3.4.5): present, accessed */
#define GDT_KERNEL_CODE  0x00af9b000000ffffUL
#define GDT_KERNEL_DATA  0x00cf93000000ffffUL
#define GDT_USER_DATA    0x00cff3000000ffffUL
#define GDT_USER_CODE    0x00affb000000ffffUL
#define GDT_TSS          0x0000890000000000UL

struct gate { uint64_t low, high; };
struct table_pointer { uint16_t limit; uint64_t base; } __attribute__((packed));

static struct gate idt[256];

static unsigned ist_of(unsigned vector)
{
	switch (vector) {
	case VECTOR_DOUBLE_FAULT:  return IST_DOUBLE_FAULT;
	case VECTOR_NMI:           return IST_NMI;
	case VECTOR_MACHINE_CHECK: return IST_MACHINE_CHECK;
	default:                   return IST_NONE;
	}
}

/** Interrupt gates, so that interrupts are off in the kernel (SDM 3A 6.14.1) */
static void idt_fill(void)
{
	for (unsigned i = 0; i < 256; i++) {
		uint64_t const entry = (uint64_t)entry_stubs + 16 * i;
		/* INT3 and INTO are for everybody */
		uint64_t const user = i == VECTOR_BREAKPOINT ||
		                      i == VECTOR_OVERFLOW ? 3 : 0;
		idt[i].low = (entry & 0xffff) | SELECTOR_KERNEL_CODE << 16 |
		             (uint64_t)ist_of(i) << 32 | 0xeUL << 40 |
		             user << 45 | 1UL << 47 | (entry >> 16 & 0xffff) << 48;
		idt[i].high = entry >> 32;
	}
}

static void load_tables(struct cpu *cpu)
{
	uint64_t const tss = (uint64_t)&cpu->tss;
	cpu->tss.io_map = sizeof cpu->tss;          /* none */
	cpu->gdt[1] = GDT_KERNEL_CODE;
	cpu->gdt[2] = GDT_KERNEL_DATA;
	cpu->gdt[3] = GDT_USER_DATA;
	cpu->gdt[4] = GDT_USER_CODE;
	cpu->gdt[5] = GDT_TSS | (sizeof cpu->tss - 1) |
	              (tss & 0xffffff) << 16 | (tss >> 24 & 0xff) << 56;
	cpu->gdt[6] = tss >> 32;
	cpu->gdt[7] = GDT_KERNEL_CODE;              /* core, see supervisor.h */

	struct table_pointer const gdtr = { sizeof cpu->gdt - 1,
	                                    (uint64_t)cpu->gdt };
	struct table_pointer const idtr = { sizeof idt - 1, (uint64_t)idt };
	__asm__ volatile (
		"lgdt %0\n\t"
		"lidt %1\n\t"
		"pushq %2\n\t"
		"leaq 1f(%%rip), %%rax\n\t"
		"pushq %%rax\n\t"
		"lretq\n"
		"1:\n\t"
		"movl %3, %%ss\n\t"
		"movl %4, %%ds\n\t"
		"movl %4, %%es\n\t"
		"movl %4, %%fs\n\t"
		"movl %4, %%gs\n\t"
		"lldt %w4\n\t"
		"ltr %w5"
		:: "m" (gdtr), "m" (idtr), "i" (SELECTOR_KERNEL_CODE),
		   "r" (SELECTOR_KERNEL_DATA), "r" (0), "r" (SELECTOR_TSS)
		: "rax", "memory");
}

static void load_msrs(struct cpu *cpu)
{
	cpu_msr_write(MSR_EFER, cpu_msr_read(MSR_EFER) | EFER_SCE | EFER_NXE);
	cpu_msr_write(MSR_PAT, PAT);
	cpu_msr_write(MSR_SYSENTER_CS, 0);          /* SYSENTER is #GP */
	cpu_msr_write(MSR_STAR, (uint64_t)SELECTOR_KERNEL_CODE << 32 |
	                        (uint64_t)(SELECTOR_USER_DATA - 8) << 48);
	cpu_msr_write(MSR_LSTAR, (uint64_t)entry_syscall);
	cpu_msr_write(MSR_SFMASK, SYSCALL_FLAGS);
	cpu_msr_write(MSR_FS_BASE, 0);
	cpu_msr_write(MSR_GS_BASE, (uint64_t)cpu);
	cpu_msr_write(MSR_KERNEL_GS_BASE, 0);
}

static void load_control(void)
{
	uint64_t cr0, cr3;
	__asm__ volatile ("mov %%cr0, %0" : "=r" (cr0));
	cr0 &= ~(uint64_t)(CR0_EM | CR0_TS);
	cr0 |= CR0_MP | CR0_NE | CR0_WP;
	__asm__ volatile ("mov %0, %%cr0" :: "r" (cr0) : "memory");

	uint64_t const cr4 = CR4_DE | CR4_PAE | CR4_MCE | CR4_PGE |
	                     CR4_OSFXSR | CR4_OSXMMEXCPT |
	                     (cpu_features.umip ? CR4_UMIP : 0) |
	                     (cpu_features.smep ? CR4_SMEP : 0) |
	                     (cpu_features.smap ? CR4_SMAP : 0) |
	                     (cpu_features.xsave ? CR4_OSXSAVE : 0);
	__asm__ volatile ("mov %0, %%cr4" :: "r" (cr4) : "memory");

	/* PCIDs can be switched on only in PCID 0 (SDM 3A 4.10.1) */
	__asm__ volatile ("mov %%cr3, %0; mov %0, %%cr3" : "=r" (cr3) :: "memory");
	if (cpu_features.pcid)
		__asm__ volatile ("mov %0, %%cr4" :: "r" (cr4 | CR4_PCIDE)
		                  : "memory");
}

void cpu_init(struct cpu *cpu)
{
	if (cpu->id == 0)
		idt_fill();
	load_tables(cpu);
	load_msrs(cpu);
	load_control();
	fpu_init();
	cpu->space       = &page_table_kernel;
	cpu->timer_armed = ~0UL;
}
