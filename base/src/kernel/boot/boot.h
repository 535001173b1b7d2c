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

/** What a loader told, in our terms; all physical addresses are untrusted */
struct boot_told {
	uint64_t module, module_size;   /* first module, 0: none */
	uint64_t rsdp;                  /* address, or 0 */
};

/** Read what the loader left; fills the memory map and the command line */
void pvh_read(uint64_t info, struct boot_told *);
void multiboot2_read(uint64_t info, struct boot_told *);

/** Copy a command line that ends at a NUL or after 'max' bytes */
void boot_command_line(char const *text, uint64_t max);

/* -- memory map (memory.c) -- */

/** A range as firmware told it; both loaders use ACPI's types */
void memory_firmware(uint64_t base, uint64_t size, uint32_t type);
/** To be called when all firmware ranges are known */
void memory_settle(void);
/** RAM in use by something else than the kernel */
void memory_reserve(uint64_t base, uint64_t size);
/** Lies within what firmware called RAM */
bool memory_is_ram(uint64_t base, uint64_t size);
/** A free page below 1 MiB, which the kernel keeps; 0: none */
uint64_t memory_low_page(void);
/** Call 'f' for each range of RAM, free or not, ascending */
void memory_each(void (*f)(uint64_t base, uint64_t size));

/* -- the kernel's own mappings -- */

enum boot_map { BOOT_MAP_READ = 0, BOOT_MAP_WRITE = 1, BOOT_MAP_EXEC = 2,
                BOOT_MAP_UNCACHED = 4 };

/** Root of the kernel's tables, for all CPUs */
extern uint64_t boot_root;
/** Map in the kernel half; large pages where alignment allows */
void boot_map(uint64_t virt, uint64_t phys, uint64_t size, enum boot_map);
/** Build the direct map and the image's mapping in boot_root */
void direct_map_build(void);
/** Temporary view of firmware's memory, NULL if it is absurd. Replaces the last */
void const *boot_window(uint64_t phys, uint64_t size);

/* -- CPUs -- */

struct cpu *boot_cpu_new(uint32_t apic_id);
void smp_start(void);
_Noreturn void boot_switch(uint64_t root, uint64_t stack, void (*f)(void));
_Noreturn void boot_main(uint32_t how, uint64_t info, uint64_t tsc);
_Noreturn void boot_ap_main(struct cpu *);

/* -- modules -- */

/** Check the archive; panics if it is malformed */
void module_open(uint64_t phys, uint64_t size);
