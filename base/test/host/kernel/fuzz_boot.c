/* SPDX-License-Identifier: MIT */
/**
 * libFuzzer: any bytes as what a Multiboot2 loader left, and as ACPI tables
 *
 * The first byte says which. Tables get signature and sum, or the fuzzer would
 * not come far. A panic is a good answer; an access beyond firmware's memory, or
 * anything that a sanitizer sees, is not.
 */

#include <base/internal/boot.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "boot/boot.h"
#include "x86/init.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

enum { INFO = 0x10000, RSDP = 0x20000, ROOT = 0x21000, MADT = 0x22000,
       FADT = 0x23000, AML = 0x24000, END = 0x30000, PART = 0x1000 };

struct boot_info    boot_info;
struct cpu_features cpu_features;
static jmp_buf   stopped;

_Noreturn void panic(char const *format, ...) { longjmp(stopped, 1); }
void console_print(char const *format, ...) { }
void memory_firmware(uint64_t base, uint64_t size, uint32_t type) { }
void ioapic_add(uint64_t phys, uint64_t gsi) { }

static uint8_t *memory(uint64_t phys)
{
	return (uint8_t *)KERNEL_PHYS_BASE + phys;
}

static void put(uint64_t phys, uint64_t value, size_t size)
{
	memcpy(memory(phys), &value, size);
}

/** Copy the next part of the input; returns what is left of it */
static size_t take(uint64_t to, uint8_t const **data, size_t size, size_t want)
{
	size_t const n = size < want ? size : want;
	memcpy(memory(to), *data, n);
	*data += n;
	return size - n;
}

static void fix_sum(uint64_t phys, uint64_t size, uint64_t at)
{
	uint8_t sum = 0;
	for (uint64_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + *memory(phys + i));
	*memory(phys + at) = (uint8_t)(*memory(phys + at) - sum);
}

/** Length as the input says it, now and then beyond what is there */
static void fix_table(uint64_t phys, char const *signature)
{
	uint32_t length;
	memcpy(&length, memory(phys + 4), sizeof length);
	if (length > 2 * PART && length % 16) {
		length = length % PART;
		memcpy(memory(phys + 4), &length, sizeof length);
	}
	memcpy(memory(phys), signature, 4);
	if (length <= 1000 * 1024)
		fix_sum(phys, length, 9);
}

static void fix_root(bool extended)
{
	memcpy(memory(RSDP), "RSD PTR ", 8);
	*memory(RSDP + 15) = extended ? 2 : 0;
	put(RSDP + 16, ROOT, 4);
	put(RSDP + 24, ROOT, 8);
	fix_sum(RSDP, 20, 8);
	uint32_t const width = extended ? 8 : 4;
	put(ROOT + 4, 36 + 3 * width, 4);
	put(ROOT + 36, MADT, width);
	put(ROOT + 36 + width, FADT, width);
	fix_table(ROOT, extended ? "XSDT" : "RSDT");
}

/** Bit 1 of 'how': all of it is the input's, but the root pointer's sum */
static void tables(uint8_t how, uint8_t const *data, size_t size)
{
	static uint64_t const parts[] = { RSDP, ROOT, MADT, FADT, AML };
	for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
		size = take(parts[i], &data, size, i < 2 ? 64 : 256);
	if (how & 2) {
		memcpy(memory(RSDP), "RSD PTR ", 8);
		fix_sum(RSDP, 20, 8);
	} else {
		fix_root(how & 4);
		put(FADT + 40, AML, 4);
		put(FADT + 140, how & 8 ? AML : 0, 8);
	}
	fix_table(MADT, "APIC");
	fix_table(FADT, "FACP");
	fix_table(AML, "DSDT");
	acpi_read(RSDP);
	if (acpi_cpu_count > CPUS_MAX || boot_info.power.type_a > 7 || boot_info.power.type_b > 7)
		abort();
}

static void map_memory(void)
{
	static bool mapped;
	if (!mapped && mmap(memory(0), BOOT_REACH, PROT_READ | PROT_WRITE,
	                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
	                    | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED)
		abort();
	mapped = true;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	map_memory();
	memset(memory(INFO), 0, END - INFO);
	memset(&boot_info, 0, sizeof boot_info);
	acpi_cpu_count = 0;
	if (size < 1 || setjmp(stopped))
		return 0;
	if (data[0] & 1) {
		tables(data[0], data + 1, size - 1);
		return 0;
	}
	data++;
	(void)take(INFO, &data, size - 1, RSDP - INFO);
	if (size <= RSDP - INFO && *(uint32_t *)(void *)memory(INFO) % 7)
		put(INFO, size - 1, 4);
	if (multiboot2_read(INFO) > BOOT_REACH)
		abort();
	return 0;
}
