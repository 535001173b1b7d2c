/* SPDX-License-Identifier: MIT */
/**
 * How to switch the machine off: registers of the FADT, values of \_S5
 *
 * The package \_S5 is found by its name in the bytes of the DSDT, without an
 * interpreter of AML: it is a constant in all firmware we know of. What is not
 * as expected leaves core without the means. Sections: ACPI 6.5.
 */

/* Public */
#include <util/string.h>

/* Local */
#include "acpi.h"
#include "boot/boot.h"

enum { FADT_MAX = 4096, DSDT_MAX = 1000 * 1024 };

/* Offsets in the FADT: 5.2.9 */
enum { DSDT = 40, SMI_COMMAND = 48, ACPI_ENABLE = 52, PM1A_CONTROL = 64,
       PM1B_CONTROL = 68, FADT_1_SIZE = 116, X_DSDT = 140 };

/* AML: 20.2.2 … 20.2.5 */
enum { AML_ZERO = 0x00, AML_ONE = 0x01, AML_BYTE = 0x0a, AML_PACKAGE = 0x12 };

static uint64_t number(struct acpi_table const *table, uint32_t offset,
                       uint32_t size)
{
	uint64_t value = 0;
	if (offset + size <= table->length)
		memcpy(&value, (char const *)table + offset, size);
	return value;
}

/** An integer constant at 'at', which moves on; false: something else */
static bool constant(uint8_t const **at, uint8_t const *end, uint8_t *value)
{
	if (*at < end && (**at == AML_ZERO || **at == AML_ONE)) {
		*value = *(*at)++;
		return true;
	}
	if (end - *at < 2 || **at != AML_BYTE)
		return false;
	*value = (*at)[1];
	*at += 2;
	return true;
}

/** Values of the package behind the name '_S5_', if it is one of constants */
static bool package(uint8_t const *at, uint8_t const *end,
                    struct boot_power *power)
{
	if (end - at < 3 || *at++ != AML_PACKAGE)
		return false;
	at += 1 + (*at >> 6);        /* its length: 20.2.4 */
	at += 1;                     /* its number of elements */
	return at < end && constant(&at, end, &power->type_a) &&
	       constant(&at, end, &power->type_b) &&
	       power->type_a < 8 && power->type_b < 8;
}

static bool find_s5(struct acpi_table const *dsdt, struct boot_power *power)
{
	uint8_t const *at = (uint8_t const *)(dsdt + 1);
	uint8_t const *end = (uint8_t const *)dsdt + dsdt->length;
	for (; end - at > 4; at++)
		if (memcmp(at, "_S5_", 4) == 0 && package(at + 4, end, power))
			return true;
	return false;
}

void acpi_power_read(uint64_t phys)
{
	struct acpi_table const *fadt = acpi_table(phys, "FACP", FADT_MAX);
	if (!fadt || fadt->length < FADT_1_SIZE)
		return;
	uint64_t const control_a = number(fadt, PM1A_CONTROL, 4);
	uint64_t const control_b = number(fadt, PM1B_CONTROL, 4);
	uint64_t const command   = number(fadt, SMI_COMMAND, 4);
	uint64_t const x_dsdt    = number(fadt, X_DSDT, 8);
	struct boot_power power  = {
		.control_a   = (uint16_t)control_a,
		.control_b   = (uint16_t)control_b,
		.smi_command = (uint16_t)command,
		.acpi_enable = (uint8_t)number(fadt, ACPI_ENABLE, 1),
	};
	if ((control_a | control_b | command) > 0xffff)
		return;

	struct acpi_table const *dsdt = acpi_table(
		x_dsdt ? x_dsdt : number(fadt, DSDT, 4), "DSDT", DSDT_MAX);
	if (dsdt && find_s5(dsdt, &power))
		boot_info.power = power;
}
