/* SPDX-License-Identifier: MIT */
/**
 * ACPI tables as the boot code reads them, one at a time
 */
#pragma once

#include <stdint.h>

struct acpi_table {              /* ACPI 6.5, 5.2.6 */
	char     signature[4];
	uint32_t length;
	uint8_t  revision, sum;
	char     oem[6], oem_table[8];
	uint32_t oem_revision, creator, creator_revision;
} __attribute__((packed));

/**
 * A table with this address and signature, of at most 'max' bytes, in the
 * boot window; NULL if it is not sound. Valid until the next one is looked at
 */
struct acpi_table const *acpi_table(uint64_t phys, char const *signature,
                                    uint32_t max);

/** Note in boot_info how the machine is switched off; 'fadt' is its address */
void acpi_power_read(uint64_t fadt);
