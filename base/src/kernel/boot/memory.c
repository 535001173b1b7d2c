/* SPDX-License-Identifier: MIT */
/**
 * Physical memory at boot: what firmware says, what is free, what we keep
 *
 * One sorted map from address 0 on: each piece reaches to the next one, the last
 * is nothing. Firmware's ranges may overlap and come in any order: a piece only
 * ever gets a higher type, so that memory is RAM if a range says so and no other
 * says otherwise. Core gets what is still free at last.
 */

/* Public */
#include <util/align.h>
#include <util/string.h>

/* Local */
#include "boot.h"

/* ACPI 6.5 table 15.2 (also Multiboot2 3.6.8, Xen hvm/start_info.h) */
enum { FIRMWARE_RAM = 1, FIRMWARE_ACPI = 3, FIRMWARE_NVS = 4 };

enum { PIECES_MAX = 256 };

#define PHYS_END  (KERNEL_PHYS_END - KERNEL_PHYS_BASE)

static struct piece { uint64_t base; enum memory type; } piece[PIECES_MAX];
static unsigned count = 1;

/** Number of the piece that begins there, which is split off if need be */
static unsigned piece_at(uint64_t base)
{
	unsigned i = 0;
	while (i < count && piece[i].base < base)
		i++;
	if (i < count && piece[i].base == base)
		return i;
	if (count == PIECES_MAX)
		panic("the memory map has more than %u pieces", PIECES_MAX);
	for (unsigned k = count++; k > i; k--)
		piece[k] = piece[k - 1];
	piece[i] = (struct piece){ base, piece[i - 1].type };
	return i;
}

void memory_mark(uint64_t base, uint64_t end, enum memory type)
{
	unsigned const first = piece_at(base), behind = piece_at(end);
	for (unsigned i = first; i < behind; i++)
		if (piece[i].type < type)
			piece[i].type = type;

	unsigned n = 1;
	for (unsigned i = 1; i < count; i++)
		if (piece[i].type != piece[n - 1].type)
			piece[n++] = piece[i];
	count = n;
}

void memory_firmware(uint64_t base, uint64_t size, uint32_t type)
{
	bool const ram = type == FIRMWARE_RAM;
	bool const tables = type == FIRMWARE_ACPI || type == FIRMWARE_NVS;
	if (base >= PHYS_END)
		return;
	uint64_t end = base + size;
	if (end < base || end > PHYS_END)
		end = PHYS_END;        /* more than we can map, or nonsense */
	base = ram ? align_up(base, PAGE_SIZE) : align_down(base, PAGE_SIZE);
	end  = ram ? align_down(end, PAGE_SIZE) : align_up(end, PAGE_SIZE);
	if (base < end)
		memory_mark(base, end, ram ? MEMORY_FREE :
		                       tables ? MEMORY_ACPI : MEMORY_RESERVED);
}

static bool is_ram(struct piece const *p)
{
	return p->type >= MEMORY_FREE && p->type <= MEMORY_MODULES;
}

bool memory_is_ram(uint64_t base, uint64_t size)
{
	if (!size || base + size < base)
		return false;
	for (unsigned i = 0; i < count && piece[i].base < base + size; i++)
		if (!is_ram(&piece[i]) &&
		    (i + 1 == count || piece[i + 1].base > base))
			return false;
	return true;
}

uint64_t memory_take(uint64_t size, uint64_t from, uint64_t to)
{
	for (unsigned i = 0; i + 1 < count; i++) {
		uint64_t const base = piece[i].base;
		if (piece[i].type != MEMORY_FREE || base < from ||
		    size > piece[i + 1].base - base || base + size > to)
			continue;
		memory_mark(base, base + size, MEMORY_KERNEL);
		memset(phys_pointer(base), 0, size);
		return base;
	}
	return 0;
}

uint64_t boot_frames(uint64_t n)
{
	uint64_t const base = memory_take(n * PAGE_SIZE, MIB, BOOT_REACH);
	if (!base)
		panic("no RAM for %lu KiB that the kernel needs",
		      n * PAGE_SIZE / 1024);
	return base;
}

void memory_each(void (*f)(uint64_t base, uint64_t end))
{
	/* by address, as 'f' may take frames */
	for (uint64_t at = 0;;) {
		unsigned i = 0;
		while (i < count && (!is_ram(&piece[i]) || piece[i].base < at))
			i++;
		if (i == count)
			return;
		uint64_t const base = piece[i].base;
		while (is_ram(&piece[i]))
			i++;
		at = piece[i].base;
		f(base, at);
	}
}

/** Append what fits; the order of calls is that of importance */
static void list(enum memory type, enum boot_range_type as)
{
	for (unsigned i = 0; i + 1 < count; i++) {
		uint64_t const base = piece[i].base, end = piece[i + 1].base;
		if (piece[i].type != type)
			continue;
		if (boot_info.n_ranges == BOOT_RANGES)
			console_print("memory: %lx to %lx is not listed\n",
			              base, end);
		else
			boot_info.ranges[boot_info.n_ranges++] =
				(struct boot_range){ .base = base,
				        .size = end - base, .type = as };
	}
}

void boot_info_complete(void)
{
	boot_info.n_ranges = 0;
	list(MEMORY_KERNEL, BOOT_KERNEL);
	list(MEMORY_ACPI, BOOT_ACPI);
	list(MEMORY_FREE, BOOT_RAM);
	list(MEMORY_RESERVED, BOOT_RESERVED);
}
