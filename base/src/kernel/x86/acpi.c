/* SPDX-License-Identifier: MIT */
/**
 * ACPI tables, as far as the kernel needs them: processors and interrupt
 * controllers (MADT), and how to switch the machine off (FADT, \_S5)
 *
 * Firmware's data is not trusted: sizes are bounded, sums are checked, ids are
 * range-checked where they are used. Sections: ACPI 6.5.
 */

/* Public */
#include <util/minmax.h>
#include <util/string.h>

/* Internal */
#include <kernel/panic.h>

/* Local */
#include "boot/boot.h"
#include "init.h"

struct table {                   /* 5.2.6 */
	char     signature[4];
	uint32_t length;
	uint8_t  revision, sum;
	char     oem[6], oem_table[8];
	uint32_t oem_revision, creator, creator_revision;
} __attribute__((packed));

enum { TABLE_MAX = 1000 * 1024 };

/* Root pointer: 5.2.5.3 */
enum { RSDP_REVISION = 15, RSDP_RSDT = 16, RSDP_XSDT = 24, RSDP1_SIZE = 20,
       RSDP_SIZE = 36 };

/* MADT: 5.2.12 */
enum { MADT_ENTRIES = 44, MADT_APIC = 0, MADT_IOAPIC = 1, MADT_X2APIC = 9 };
enum { APIC_ENABLED = 1 };

/* FADT: 5.2.9 */
enum { DSDT = 40, SMI_COMMAND = 48, ACPI_ENABLE = 52, PM1A_CONTROL = 64,
       PM1B_CONTROL = 68, FADT_1_SIZE = 116, X_DSDT = 140 };

/* AML: 20.2.2 … 20.2.5 */
enum { AML_ZERO = 0x00, AML_ONE = 0x01, AML_BYTE = 0x0a, AML_PACKAGE = 0x12 };

uint32_t acpi_cpu[CPUS_MAX];
uint32_t acpi_cpu_count;

/** Field of a structure, of 1 to 8 bytes, little endian and perhaps unaligned */
static uint64_t field(void const *from, uint32_t offset, uint32_t size)
{
	uint64_t value = 0;
	memcpy(&value, (char const *)from + offset, size);
	return value;
}

static bool sum_is_zero(void const *from, uint64_t size)
{
	uint8_t const *byte = from;
	uint8_t sum = 0;
	for (uint64_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + byte[i]);
	return sum == 0;
}

/** The table of that address and signature; NULL if it is not sound */
static struct table const *table_at(uint64_t phys, char const *signature)
{
	struct table const *const table = boot_reach(phys, sizeof *table);
	if (!table || memcmp(table->signature, signature, 4) != 0 ||
	    table->length < sizeof *table || table->length > TABLE_MAX ||
	    !boot_reach(phys, table->length) ||
	    !sum_is_zero(table, table->length))
		return NULL;
	return table;
}

static bool rsdp_sound(void const *rsdp)
{
	return memcmp(rsdp, "RSD PTR ", 8) == 0 &&
	       sum_is_zero(rsdp, RSDP1_SIZE);
}

static char const *rsdp_search(uint64_t base, uint64_t size)
{
	char const *const from = phys_pointer(base);
	for (uint64_t at = 0; at + RSDP_SIZE <= size; at += 16)
		if (rsdp_sound(from + at))
			return from + at;
	return NULL;
}

/** Where the loader says, or where a PC's BIOS leaves it: 5.2.5.1 */
static char const *rsdp_find(uint64_t phys)
{
	if (phys) {
		char const *const told = boot_reach(phys, RSDP_SIZE);
		if (!told || !rsdp_sound(told))
			panic("ACPI: no root pointer at %lx", phys);
		return told;
	}
	uint64_t const ebda = field(phys_pointer(0x40e), 0, 2) << 4;
	char const *const found = rsdp_search(0xe0000, 0x20000);
	return found ? found : rsdp_search(ebda, 1024);
}

/** First sound table with that signature in a root table, 'size' bytes an entry */
static struct table const *entry_find(struct table const *root, uint32_t size,
                                      char const *signature)
{
	uint32_t at = sizeof *root;
	for (; root && at + size <= root->length; at += size) {
		struct table const *const table =
			table_at(field(root, at, size), signature);
		if (table)
			return table;
	}
	return NULL;
}

/** By the XSDT if it leads there, else by the RSDT: 5.2.7, 5.2.8 */
static struct table const *table_find(char const *rsdp, char const *signature)
{
	if (!rsdp)
		return NULL;
	uint64_t const xsdt = field(rsdp, RSDP_REVISION, 1) >= 2
	                    ? field(rsdp, RSDP_XSDT, 8) : 0;
	struct table const *const table =
		entry_find(xsdt ? table_at(xsdt, "XSDT") : NULL, 8, signature);
	return table ? table
	     : entry_find(table_at(field(rsdp, RSDP_RSDT, 4), "RSDT"), 4,
	                  signature);
}

/* -- processors and interrupt controllers -- */

static void add_cpu(uint64_t id, uint64_t flags)
{
	/* the last number means all CPUs (SDM 3A 11.6.2.1, 11.12.9) */
	uint64_t const all = cpu_features.x2apic ? ~0U : 0xff;
	if (!(flags & APIC_ENABLED))
		return;
	for (uint32_t i = 0; i < acpi_cpu_count; i++)
		if (acpi_cpu[i] == id)
			return;
	if (acpi_cpu_count < CPUS_MAX && id < all)
		acpi_cpu[acpi_cpu_count++] = (uint32_t)id;
	else
		console_print("cpu: APIC id %lu cannot be used\n", id);
}

static void madt_entry(char const *e, uint64_t type)
{
	switch (type) {
	case MADT_APIC:
		add_cpu(field(e, 3, 1), field(e, 4, 4));
		break;
	case MADT_X2APIC:
		add_cpu(field(e, 4, 4), field(e, 8, 4));
		break;
	case MADT_IOAPIC:
		ioapic_add(field(e, 4, 4), field(e, 8, 4));
		break;
	default:
		break;
	}
}

static void madt_read(struct table const *madt)
{
	static uint8_t const sizes[] = {
		[MADT_APIC] = 8, [MADT_IOAPIC] = 12, [MADT_X2APIC] = 16 };

	if (!madt)
		panic("ACPI: no sound MADT, so neither CPUs nor interrupts are known");
	if (madt->length < MADT_ENTRIES)
		panic("ACPI: MADT of %u bytes", madt->length);
	for (uint32_t at = MADT_ENTRIES; at + 2 <= madt->length;) {
		char const *const e = (char const *)madt + at;
		uint64_t const type = field(e, 0, 1), size = field(e, 1, 1);
		uint64_t const least = type < array_length(sizes) ? sizes[type] : 0;
		if (size < max(least, 2UL) || size > madt->length - at)
			panic("ACPI: MADT entry %lu of %lu bytes", type, size);
		madt_entry(e, type);
		at += (uint32_t)size;
	}
}

/* -- switching off: registers of the FADT, values of \_S5 -- */

/** An integer constant; what follows it, NULL: something else */
static uint8_t const *constant(uint8_t const *at, uint8_t *value)
{
	if (*at == AML_BYTE)
		at++;
	else if (*at != AML_ZERO && *at != AML_ONE)
		return NULL;
	*value = *at;
	return at + 1;
}

/** Values of the package behind the name '_S5_', if it is one of constants */
static bool package(uint8_t const *at, struct boot_power *power)
{
	if (*at++ != AML_PACKAGE)
		return false;
	at += 1 + (*at >> 6);        /* its length: 20.2.4 */
	at += 1;                     /* its number of elements */
	at = constant(at, &power->type_a);
	at = at ? constant(at, &power->type_b) : NULL;
	return at && power->type_a < 8 && power->type_b < 8;
}

/**
 * It is found by its name in the bytes of the DSDT, without an interpreter of
 * AML: it is a constant in all firmware we know of
 */
static bool find_s5(struct table const *dsdt, struct boot_power *power)
{
	enum { NAME = 4, PACKAGE_MAX = 1 + 4 + 1 + 2 + 2 };
	uint8_t const *at = (uint8_t const *)(dsdt + 1);
	uint8_t const *end = (uint8_t const *)dsdt + dsdt->length;
	for (; end - at >= NAME + PACKAGE_MAX; at++)
		if (memcmp(at, "_S5_", NAME) == 0 && package(at + NAME, power))
			return true;
	return false;
}

/** What is not as expected leaves core without the means */
static void fadt_read(struct table const *fadt)
{
	if (fadt->length < FADT_1_SIZE)
		return;
	uint64_t const control_a = field(fadt, PM1A_CONTROL, 4);
	uint64_t const control_b = field(fadt, PM1B_CONTROL, 4);
	uint64_t const command   = field(fadt, SMI_COMMAND, 4);
	uint64_t const x_dsdt    =
		fadt->length >= X_DSDT + 8 ? field(fadt, X_DSDT, 8) : 0;
	struct boot_power power  = {
		.control_a   = (uint16_t)control_a,
		.control_b   = (uint16_t)control_b,
		.smi_command = (uint16_t)command,
		.acpi_enable = (uint8_t)field(fadt, ACPI_ENABLE, 1),
	};
	struct table const *const dsdt =
		table_at(x_dsdt ? x_dsdt : field(fadt, DSDT, 4), "DSDT");
	if ((control_a | control_b | command) <= 0xffff && dsdt &&
	    find_s5(dsdt, &power))
		boot_info.power = power;
}

void acpi_read(uint64_t phys)
{
	char const *const rsdp = rsdp_find(phys);
	struct table const *const fadt = table_find(rsdp, "FACP");
	struct table const *const madt = table_find(rsdp, "APIC");
	if (fadt)
		fadt_read(fadt);
	madt_read(madt);
}
