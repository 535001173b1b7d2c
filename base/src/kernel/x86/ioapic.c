/* SPDX-License-Identifier: MIT */
/**
 * I/O APICs: a table of redirections, one each global system interrupt
 *
 * Intel 82093AA data sheet, 3.0. One lock for all of them, since a register is
 * reached by writing its number first.
 */

/* Public */
#include <util/align.h>
#include <util/minmax.h>

/* Internal */
#include <kernel/apic.h>
#include <kernel/lock.h>
#include <kernel/panic.h>

/* Local */
#include "boot/boot.h"
#include "init.h"

enum { SELECT = 0x00, WINDOW = 0x10 };
enum { REGISTER_VERSION = 1, REGISTER_TABLE = 0x10 };
enum { ENTRY_LOW_ACTIVE = 1 << 13, ENTRY_LEVEL = 1 << 15,
       ENTRY_MASKED = 1 << 16 };

enum { IOAPICS_MAX = 16, GSI_MAX = 0x10000 };

/** 'base' is physical until ioapic_init */
struct ioapic { uint64_t base; uint32_t gsi, entries; };

static struct ioapic ioapic[IOAPICS_MAX];
static uint32_t      count, gsi_count;
static struct lock   lock;

static uint32_t read(struct ioapic const *io, uint32_t number)
{
	*(uint32_t volatile *)(io->base + SELECT) = number;
	return *(uint32_t volatile *)(io->base + WINDOW);
}

static void write(struct ioapic const *io, uint32_t number, uint32_t value)
{
	*(uint32_t volatile *)(io->base + SELECT) = number;
	*(uint32_t volatile *)(io->base + WINDOW) = value;
}

static struct ioapic const *find(uint32_t gsi, uint32_t *number)
{
	for (uint32_t i = 0; i < count; i++)
		if (gsi - ioapic[i].gsi < ioapic[i].entries) {
			*number = REGISTER_TABLE + 2 * (gsi - ioapic[i].gsi);
			return &ioapic[i];
		}
	return NULL;
}

void ioapic_add(uint64_t phys, uint64_t gsi)
{
	/* not RAM, and WINDOW is in the same page; no nonsense */
	if (count < IOAPICS_MAX && phys % 32 == 0 && gsi <= GSI_MAX &&
	    !memory_is_ram(align_down(phys, PAGE_SIZE), PAGE_SIZE))
		ioapic[count++] = (struct ioapic){ .base = phys,
		                                   .gsi = (uint32_t)gsi };
}

void ioapic_init(void)
{
	for (uint32_t i = 0; i < count; i++) {
		struct ioapic *const io = &ioapic[i];
		uint64_t const page = KERNEL_MMIO_BASE + (i + 1) * PAGE_SIZE;
		boot_map(page, align_down(io->base, PAGE_SIZE), PAGE_SIZE,
		         KERNEL_MAP_WRITE | KERNEL_MAP_UNCACHED);
		io->base    = page + io->base % PAGE_SIZE;
		io->entries = (read(io, REGISTER_VERSION) >> 16 & 0xff) + 1;
		for (uint32_t e = 0; e < io->entries; e++)
			write(io, REGISTER_TABLE + 2 * e, ENTRY_MASKED);
		gsi_count = max(gsi_count, io->gsi + io->entries);
	}
}

uint32_t ioapic_gsi_count(void) { return gsi_count; }

enum error ioapic_route(uint32_t gsi, enum ioapic_mode mode, uint8_t vector,
                        struct cpu const *target)
{
	uint32_t number;
	struct ioapic const *io = find(gsi, &number);
	if (!io)
		return ERROR_INVALID;

	uint32_t const low = vector | ENTRY_MASKED |
		(mode == IOAPIC_EDGE ? 0 : ENTRY_LEVEL) |
		(mode == IOAPIC_LEVEL_LOW ? ENTRY_LOW_ACTIVE : 0);
	lock_take(&lock);
	write(io, number, low);
	write(io, number + 1, target->apic_id << 24);
	lock_release(&lock);
	return ERROR_OK;
}

static void mask(uint32_t gsi, uint32_t bit)
{
	uint32_t number;
	struct ioapic const *io = find(gsi, &number);
	if (!io)
		return;
	lock_take(&lock);
	write(io, number, (read(io, number) & ~(uint32_t)ENTRY_MASKED) | bit);
	lock_release(&lock);
}

void ioapic_mask(uint32_t gsi)   { mask(gsi, ENTRY_MASKED); }
void ioapic_unmask(uint32_t gsi) { mask(gsi, 0); }
