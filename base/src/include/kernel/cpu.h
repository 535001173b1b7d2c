/* SPDX-License-Identifier: MIT */
/**
 * Per-CPU data
 *
 * GS points to it in the kernel. User code cannot read it: CR4.FSGSBASE stays
 * off, and the other GS base (for SWAPGS) is always 0. Each group is written
 * by its own CPU only, unless it says otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kernel/layout.h>

/** 64-bit task state (SDM 3A 8.7) */
struct tss {
	uint32_t reserved0;
	uint64_t sp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map;
} __attribute__((packed));

/** Index of interrupt stack + 1, 0: the normal one */
enum cpu_ist { IST_NONE, IST_DOUBLE_FAULT, IST_NMI, IST_MACHINE_CHECK };

enum { TLB_TAGS = 64 };  /* PCIDs in use, a power of 2 */

struct ec;
struct page_table;

struct cpu {
	/* known to assembly (layout.h) */
	struct cpu *self;
	uint64_t    stack;      /* top of the kernel stack, 16-byte aligned */
	uint64_t    user_sp;    /* scratch of the SYSCALL entry */
	struct ec  *current;    /* execution context in user mode, NULL: idle */
	struct ec  *sc;         /* its scheduling context; owner: sched.c */
	struct ec  *fpu;        /* whose state is in the FPU, NULL: it is disabled */
	uint32_t    contended;  /* ~0: others of the same priority are ready */
	uint32_t    again;      /* what to do before the return to user mode */
	struct cpu_local *local; /* for objects and scheduler: kernel/local.h */
	struct tss  tss;        /* at 64 */
	uint64_t    gdt[8];

	/* set at boot, read by all */
	uint32_t apic_id;
	uint32_t id;            /* 0 … cpu_count - 1, 0 is the boot CPU */

	/* address space: 'space' is read, the wanted number raised by others */
	struct page_table *volatile space;
	uint64_t volatile tlb_wanted;
	uint64_t volatile tlb_done;
	uint64_t tlb_tag[TLB_TAGS];

	/* timer */
	uint64_t timer_armed;   /* deadline programmed, ~0: none */
};

extern struct cpu *cpu_table[CPUS_MAX];
extern uint32_t    cpu_count;           /* online */

static inline struct cpu *cpu_self(void)
{
	struct cpu *cpu;
	__asm__ ("mov %%gs:0, %0" : "=r" (cpu));
	return cpu;
}

static inline void cpu_pause(void) { __asm__ volatile ("pause" ::: "memory"); }

static inline uint64_t cpu_tsc(void)
{
	uint32_t lo, hi;
	__asm__ volatile ("rdtsc" : "=a" (lo), "=d" (hi));
	return (uint64_t)hi << 32 | lo;
}

static inline void cpu_cr3_write(uint64_t value)
{
	__asm__ volatile ("mov %0, %%cr3" :: "r" (value) : "memory");
}

/* SDM 4, table 2-2; others: where they are used */
#define MSR_LSTAR           0xc0000082U
#define MSR_FS_BASE         0xc0000100U
#define MSR_KERNEL_GS_BASE  0xc0000102U

static inline uint64_t cpu_msr_read(uint32_t msr)
{
	uint32_t lo, hi;
	__asm__ volatile ("rdmsr" : "=a" (lo), "=d" (hi) : "c" (msr));
	return (uint64_t)hi << 32 | lo;
}

static inline void cpu_msr_write(uint32_t msr, uint64_t value)
{
	__asm__ volatile ("wrmsr" :: "c" (msr), "a" ((uint32_t)value),
	                  "d" ((uint32_t)(value >> 32)) : "memory");
}

/** A pointer to RAM, by the kernel's direct map */
static inline void *phys_pointer(uint64_t phys)
{
	return (void *)(KERNEL_PHYS_BASE + phys);
}

/** Physical address of what lies in the direct map (not in the image) */
static inline uint64_t pointer_phys(void const *p)
{
	return (uint64_t)p - KERNEL_PHYS_BASE;
}

/** Same for a static object of the image */
static inline uint64_t image_phys(void const *p)
{
	return (uint64_t)p - KERNEL_IMAGE_BASE;
}

/* -- FPU state: at most one page, 64-byte aligned -- */

void fpu_state_init(void *state);       /* as after FNINIT, zeroed by caller */
void fpu_save(void *state);
void fpu_load(void const *state);

/** Take over x87 and SSE registers from 512 bytes as FXSAVE64 has them, any ones */
void fpu_import(void *state, void const *image);

/** A line (core/control.h) of a state in memory, NULL: of the initial one */
void fpu_line(void *line, void const *state, uint64_t offset);
/** Set it to any ones, but not XSAVE's header */
void fpu_set_line(void *state, uint64_t offset, void const *line);
extern uint32_t fpu_size;               /* of a state; a multiple of lines */

static inline void fpu_disable(void)    /* next use is #NM */
{
	uint64_t cr0;
	__asm__ volatile ("mov %%cr0, %0; or $8, %0; mov %0, %%cr0"
	                  : "=&r" (cr0) :: "memory");
}

static inline void fpu_enable(void) { __asm__ volatile ("clts" ::: "memory"); }

/** What the running system depends on */
struct cpu_features {
	bool pcid, smep, smap, umip, xsave, x2apic, deadline, gib_pages,
	     tsc_adjust;
	bool guest;             /* of a hypervisor */
};
extern struct cpu_features cpu_features;
