/* SPDX-License-Identifier: MIT */
/**
 * What the files of the boot code share
 */
#pragma once

/* Public */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Internal */
#include <kernel/main.h>
#include <kernel/panic.h>

/**
 * Read what the loader left: memory map, and in boot_info the first module.
 * Returns where ACPI's root pointer is, 0: unknown; addresses are still untrusted
 */
uint64_t pvh_read(uint64_t info);
uint64_t multiboot2_read(uint64_t info);

/** The tables of the start, and so all reading of firmware's memory, end here */
#define BOOT_REACH (1UL << 32)
#define MIB        0x100000UL

/** Physical memory of firmware, while these tables are in use; NULL: beyond */
static inline void const *boot_reach(uint64_t phys, uint64_t size)
{
	return phys <= BOOT_REACH && size <= BOOT_REACH - phys
	       ? phys_pointer(phys) : NULL;
}

/* -- memory map (memory.c) -- */

/** A higher type prevails; from FREE to MODULES it is RAM */
enum memory { MEMORY_NOTHING, MEMORY_FREE, MEMORY_KERNEL, MEMORY_MODULES,
              MEMORY_ACPI, MEMORY_RESERVED };

/** A range as firmware told it; both loaders use ACPI's types */
void memory_firmware(uint64_t base, uint64_t size, uint32_t type);
/** [base, end), page-aligned and not empty, is at least of that type */
void memory_mark(uint64_t base, uint64_t end, enum memory);
/** Lies within what firmware called RAM */
bool memory_is_ram(uint64_t base, uint64_t size);
/** Zeroed frames between 'from' and 'to', which the kernel keeps; 0: none */
uint64_t memory_take(uint64_t size, uint64_t from, uint64_t to);
/** Call 'f' for each range of RAM, free or not, ascending */
void memory_each(void (*f)(uint64_t base, uint64_t end));

/* -- the kernel's own mappings -- */

/** Build the direct map and the image's mapping in page_table_kernel */
void direct_map_build(void);

/* -- CPUs -- */

/** From the first instruction of other CPUs on: what is next for them */
extern struct cpu *boot_next;

struct cpu *boot_cpu_new(void);
void smp_start(void);
_Noreturn void boot_switch(uint64_t root, uint64_t stack, void (*f)(void));
_Noreturn void boot_main(uint32_t how, uint64_t info, uint64_t tsc);
_Noreturn void boot_ap_main(struct cpu *);
