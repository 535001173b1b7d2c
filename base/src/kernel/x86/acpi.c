/* SPDX-License-Identifier: MIT */
/**
 * ACPI tables, as far as the kernel needs them: RSDP, root table, MADT; the
 * FADT is in acpi_power.c
 *
 * Firmware's data is not trusted: sizes are bounded, sums are checked, ids are
 * range-checked where they are used. Sections: ACPI 6.5.
 */

/* Public */
#include <util/string.h>

/* Internal */
#include <kernel/panic.h>

/* Local */
#include "acpi.h"
#include "boot/boot.h"
#include "init.h"

struct rsdp {                    /* 5.2.5.3 */
	char     signature[8];
	uint8_t  sum;
	char     oem[6];
	uint8_t  revision;
	uint32_t rsdt;
	uint32_t length;             /* from here on: revision 2 and later */
	uint64_t xsdt;
	uint8_t  sum2, reserved[3];
} __attribute__((packed));

struct madt { struct acpi_table table; uint32_t apic, flags; } __attribute__((packed));

/* MADT's structures: 5.2.12 */
enum { MADT_APIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_APIC_BASE = 5,
       MADT_X2APIC = 9 };
enum { APIC_ENABLED = 1 };

struct entry { uint8_t type, length; } __attribute__((packed));
struct entry_apic { struct entry entry; uint8_t processor, id;
                    uint32_t flags; } __attribute__((packed));
struct entry_ioapic { struct entry entry; uint8_t id, reserved;
                      uint32_t phys, gsi; } __attribute__((packed));
struct entry_override { struct entry entry; uint8_t bus, source; uint32_t gsi;
                        uint16_t flags; } __attribute__((packed));
struct entry_base { struct entry entry; uint16_t reserved;
                    uint64_t phys; } __attribute__((packed));
struct entry_x2apic { struct entry entry; uint16_t reserved; uint32_t id, flags,
                      processor; } __attribute__((packed));

enum { TABLE_MAX = 64 * 1024, TABLES_MAX = 256, RSDP1_SIZE = 20 };

uint32_t           acpi_cpu[CPUS_MAX];
uint32_t           acpi_cpu_count;
uint64_t           acpi_apic;
struct acpi_ioapic acpi_ioapic[IOAPICS_MAX];
uint32_t           acpi_ioapic_count;
struct acpi_isa    acpi_isa[16];

static bool sum_is_zero(void const *from, uint64_t size)
{
	uint8_t const *byte = from;
	uint8_t sum = 0;
	for (uint64_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + byte[i]);
	return sum == 0;
}

struct acpi_table const *acpi_table(uint64_t phys, char const *signature,
                                    uint32_t max)
{
	struct acpi_table const *table = boot_window(phys, sizeof *table);
	if (!table || memcmp(table->signature, signature, 4) != 0)
		return NULL;
	uint32_t const length = table->length;
	if (length < sizeof *table || length > max)
		return NULL;
	table = boot_window(phys, length);
	return table && sum_is_zero(table, length) ? table : NULL;
}

static bool rsdp_sound(struct rsdp const *rsdp)
{
	return memcmp(rsdp->signature, "RSD PTR ", 8) == 0 &&
	       sum_is_zero(rsdp, RSDP1_SIZE);
}

/** Where a PC's BIOS leaves it: 5.2.5.1. Returns its address or 0 */
static uint64_t rsdp_search(void)
{
	uint64_t const start = 0xe0000, size = 0x20000;
	char const *bios = boot_window(start, size);
	for (uint64_t at = 0; at + sizeof(struct rsdp) <= size; at += 16)
		if (rsdp_sound((struct rsdp const *)(bios + at)))
			return start + at;

	uint16_t const *segment = boot_window(0x40e, 2);
	uint64_t const ebda = (uint64_t)*segment << 4;
	bios = boot_window(ebda, 1024);
	for (uint64_t at = 0; bios && at + sizeof(struct rsdp) <= 1024; at += 16)
		if (rsdp_sound((struct rsdp const *)(bios + at)))
			return ebda + at;
	return 0;
}

/** Addresses of tables from the root table; 'size' bytes an entry */
static uint32_t root_read(uint64_t phys, uint64_t size, uint64_t *tables)
{
	struct acpi_table const *root =
		acpi_table(phys, size == 8 ? "XSDT" : "RSDT", TABLE_MAX);
	if (!root)
		return 0;
	uint64_t n = (root->length - sizeof *root) / size;
	if (n > TABLES_MAX)
		n = TABLES_MAX;
	for (uint64_t i = 0; i < n; i++) {
		tables[i] = 0;
		memcpy(&tables[i], (char const *)(root + 1) + i * size, size);
	}
	return (uint32_t)n;
}

static void add_cpu(uint32_t id, uint32_t flags)
{
	if (!(flags & APIC_ENABLED))
		return;
	for (uint32_t i = 0; i < acpi_cpu_count; i++)
		if (acpi_cpu[i] == id)
			return;
	if (acpi_cpu_count < CPUS_MAX)
		acpi_cpu[acpi_cpu_count++] = id;
	else
		console_print("cpu: APIC id %u is one too many\n", id);
}

static void add_ioapic(struct entry_ioapic const *e)
{
	if (acpi_ioapic_count < IOAPICS_MAX)
		acpi_ioapic[acpi_ioapic_count++] =
			(struct acpi_ioapic){ .phys = e->phys, .gsi = e->gsi };
}

static void add_override(struct entry_override const *e)
{
	if (e->bus == 0 && e->source < 16)
		acpi_isa[e->source] =
			(struct acpi_isa){ .gsi = e->gsi, .flags = e->flags };
}

static uint32_t size_of_entry(uint8_t type)
{
	switch (type) {
	case MADT_APIC:      return sizeof(struct entry_apic);
	case MADT_IOAPIC:    return sizeof(struct entry_ioapic);
	case MADT_OVERRIDE:  return sizeof(struct entry_override);
	case MADT_APIC_BASE: return sizeof(struct entry_base);
	case MADT_X2APIC:    return sizeof(struct entry_x2apic);
	default:             return sizeof(struct entry);
	}
}

static void madt_entry(struct entry const *e)
{
	struct entry_apic   const *apic   = (void const *)e;
	struct entry_x2apic const *x2apic = (void const *)e;

	switch (e->type) {
	case MADT_APIC:
		add_cpu(apic->id, apic->flags);
		break;
	case MADT_X2APIC:
		add_cpu(x2apic->id, x2apic->flags);
		break;
	case MADT_IOAPIC:
		add_ioapic((void const *)e);
		break;
	case MADT_OVERRIDE:
		add_override((void const *)e);
		break;
	case MADT_APIC_BASE:
		acpi_apic = ((struct entry_base const *)e)->phys;
		break;
	default:
		break;
	}
}

static void madt_read(struct madt const *madt)
{
	if (madt->table.length < sizeof *madt)
		panic("ACPI: MADT of %u bytes", madt->table.length);
	acpi_apic = madt->apic;

	char const *at  = (char const *)(madt + 1);
	char const *end = (char const *)madt + madt->table.length;
	while ((size_t)(end - at) >= sizeof(struct entry)) {
		struct entry const *e = (struct entry const *)at;
		if (e->length < size_of_entry(e->type) || e->length > end - at)
			panic("ACPI: MADT entry %u of %u bytes", e->type,
			      e->length);
		madt_entry(e);
		at += e->length;
	}
}

/** XSDT if there is one, else RSDT; 5.2.7, 5.2.8 */
static uint32_t tables_find(uint64_t phys, uint64_t *tables)
{
	struct rsdp const *rsdp = boot_window(phys, sizeof *rsdp);
	if (!rsdp || !rsdp_sound(rsdp))
		panic("ACPI: no root pointer at %lx", phys);

	uint64_t const rsdt = rsdp->rsdt;
	uint64_t const xsdt = rsdp->revision >= 2 ? rsdp->xsdt : 0;
	uint32_t n = 0;
	if (xsdt)
		n = root_read(xsdt, 8, tables);
	if (!n && rsdt)
		n = root_read(rsdt, 4, tables);
	return n;
}

void acpi_read(uint64_t rsdp)
{
	for (uint32_t i = 0; i < 16; i++)
		acpi_isa[i].gsi = i;          /* 5.2.12.5: identity by default */

	static uint64_t tables[TABLES_MAX];
	if (!rsdp)
		rsdp = rsdp_search();
	uint32_t const n = rsdp ? tables_find(rsdp, tables) : 0;
	for (uint32_t i = 0; i < n; i++)
		acpi_power_read(tables[i]);
	for (uint32_t i = 0; i < n; i++) {
		struct acpi_table const *table =
			acpi_table(tables[i], "APIC", TABLE_MAX);
		if (!table)
			continue;
		madt_read((struct madt const *)table);
		return;
	}
	panic("ACPI: no sound MADT, so neither CPUs nor interrupts are known");
}
