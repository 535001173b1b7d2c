/* SPDX-License-Identifier: MIT */
/**
 * Physical memory at boot: what firmware says, what is free, what we keep
 *
 * Firmware's ranges may overlap and come in any order: memory is RAM if a range
 * says so and no other range says otherwise. From memory_settle() on, 'ram' is
 * fixed; 'free' only shrinks, and core gets what is left of it.
 */

/* Public */
#include <util/align.h>
#include <util/string.h>

/* Local */
#include "boot.h"
#include "span.h"

/* ACPI 6.5 table 15.2 (also Multiboot2 3.6.8, Xen hvm/start_info.h) */
enum { FIRMWARE_RAM = 1, FIRMWARE_ACPI = 3, FIRMWARE_NVS = 4 };

#define PHYS_END  (KERNEL_PHYS_END - KERNEL_PHYS_BASE)
#define MIB       0x100000UL
#define LIMIT     0x100000000UL   /* boot tables reach no further */

static struct span_set ram, reserved, acpi, free_ram, kept;

extern char boot_image_start[], kernel_image_end[];

static void check(bool ok)
{
	if (!ok)
		panic("the memory map has more than %u pieces", SPANS_MAX);
}

void memory_firmware(uint64_t base, uint64_t size, uint32_t type)
{
	uint64_t end = base + size;
	if (end < base || end > PHYS_END)
		end = PHYS_END;        /* more than we can map, or nonsense */
	if (base >= end)
		return;

	if (type == FIRMWARE_RAM) {
		base = align_up(base, PAGE_SIZE);
		end  = align_down(end, PAGE_SIZE);
		check(span_add(&ram, base, end));
		return;
	}
	base = align_down(base, PAGE_SIZE);
	end  = align_up(end, PAGE_SIZE);
	bool const tables = type == FIRMWARE_ACPI || type == FIRMWARE_NVS;
	check(span_add(tables ? &acpi : &reserved, base, end));
}

static void remove_all(struct span_set *from, struct span_set const *what)
{
	for (unsigned i = 0; i < what->n; i++)
		check(span_remove(from, what->span[i].base, what->span[i].end));
}

static void keep(uint64_t base, uint64_t end)
{
	check(span_remove(&free_ram, base, end));
	check(span_add(&kept, base, end));
}

void memory_settle(void)
{
	remove_all(&ram, &reserved);
	remove_all(&ram, &acpi);
	free_ram = ram;

	uint64_t const image     = (uint64_t)boot_image_start;
	uint64_t const image_end = (uint64_t)kernel_image_end;
	if (!span_contains(&ram, image, image_end))
		panic("no RAM where the kernel is, at %lx to %lx", image,
		      image_end);
	keep(image, image_end);

	/* Real mode's interrupt table and the BIOS' data */
	keep(0, PAGE_SIZE);
}

void memory_reserve(uint64_t base, uint64_t size)
{
	check(span_remove(&free_ram, align_down(base, PAGE_SIZE),
	                  align_up(base + size, PAGE_SIZE)));
}

bool memory_is_ram(uint64_t base, uint64_t size)
{
	return base + size >= base && span_contains(&ram, base, base + size);
}

uint64_t memory_low_page(void)
{
	for (unsigned i = 0; i < free_ram.n; i++) {
		uint64_t const base = free_ram.span[i].base;
		if (base + PAGE_SIZE > MIB)
			break;
		keep(base, base + PAGE_SIZE);
		return base;
	}
	return 0;
}

uint64_t boot_frames(uint64_t count)
{
	uint64_t const size = count * PAGE_SIZE;
	for (unsigned i = 0; i < free_ram.n; i++) {
		uint64_t const base = free_ram.span[i].base;
		uint64_t const end  = free_ram.span[i].end;
		if (base < MIB || end - base < size || base + size > LIMIT)
			continue;
		keep(base, base + size);
		memset(phys_pointer(base), 0, size);
		return base;
	}
	panic("no RAM for %lu KiB that the kernel needs", size / 1024);
}

void memory_each(void (*f)(uint64_t base, uint64_t size))
{
	for (unsigned i = 0; i < ram.n; i++)
		f(ram.span[i].base, ram.span[i].end - ram.span[i].base);
}

/** Append what fits; the order of calls is that of importance */
static void list(struct span_set const *set, enum boot_range_type type)
{
	for (unsigned i = 0; i < set->n; i++) {
		struct span const span = set->span[i];
		if (boot_info.n_ranges == BOOT_RANGES) {
			console_print("memory: %lx to %lx is not listed\n",
			              span.base, span.end);
			continue;
		}
		boot_info.ranges[boot_info.n_ranges++] = (struct boot_range){
			.base = span.base, .size = span.end - span.base,
			.type = type };
	}
}

void boot_info_complete(void)
{
	boot_info.n_ranges = 0;
	list(&kept, BOOT_KERNEL);
	list(&acpi, BOOT_ACPI);
	list(&free_ram, BOOT_RAM);
	list(&reserved, BOOT_RESERVED);
}
