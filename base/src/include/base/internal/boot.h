/* SPDX-License-Identifier: MIT */
/**
 * How core starts: its address-space layout, what the kernel tells it
 */
#pragma once

#include <stdint.h>

/* Of all address spaces */
#define LAYOUT_USER_END     0x00007ffffffff000UL /* last page is unmappable */
#define LAYOUT_STACK_SIZE   0x0000000000010000UL /* of a first thread */

/* Core on base-nova: all of RAM, one to one, above this address */
#define LAYOUT_CORE_BASE    0x0000000000200000UL /* core is linked here */
#define LAYOUT_CORE_UTCB    0x0000000000100000UL /* first thread's UTCB */
#define LAYOUT_CORE_INFO    0x0000000000110000UL /* struct boot_info */
#define LAYOUT_CORE_STACK   0x0000000000120000UL /* guard, then first stack */
#define LAYOUT_CORE_PHYS    0x0000100000000000UL

enum { BOOT_RANGES = 64 };

/** BOOT_KERNEL: RAM that the kernel keeps. Modules are RAM that is not listed */
enum boot_range_type { BOOT_RAM, BOOT_RESERVED, BOOT_ACPI, BOOT_KERNEL };

/** Physical memory range: page-aligned for BOOT_RAM */
struct boot_range { uint64_t base, size; uint32_t type, pad; };

/**
 * How the machine is switched off: write 'type' as sleep type to the registers
 * PM1 control; all 0 if that is not known
 */
struct boot_power {
	uint16_t control_a, control_b;   /* I/O ports; b may be 0 */
	uint16_t smi_command;            /* port, 0: ACPI is always enabled */
	uint8_t  acpi_enable;            /* value to write there */
	uint8_t  type_a, type_b;
	uint8_t  pad[3];
};

/**
 * What the kernel tells core; read-only, one page or more
 *
 * BOOT_RAM ranges are free: kernel, boot data and modules are taken out.
 */
struct boot_info {
	uint64_t tsc_hz;            /* of the time-stamp counter, calibrated */
	uint64_t modules;           /* boot image: physical address … */
	uint64_t modules_size;      /* … and size in bytes, 0: none */
	uint64_t tsc_entry;         /* TSC when the kernel was entered */
	uint32_t n_cpus;            /* online */
	uint32_t n_ranges;
	uint32_t n_gsi;             /* global system interrupts 0 … n_gsi - 1 */
	uint32_t pad;
	struct boot_power power;
	struct boot_range ranges[BOOT_RANGES];
};

/** First message of core: words in the UTCB of its first thread, as in start.h */
enum core_start_word {
	CORE_START_PD,     /* cap_t: its own protection domain */
	CORE_START_THREAD, /* cap_t: its first thread */
	CORE_START_INFO,   /* address of struct boot_info */
	CORE_START_PHYS,   /* address of physical memory, one to one */
	CORE_START_WORDS,
};
