/* SPDX-License-Identifier: MIT */
/** The memory map at boot against a type for each page */

#include <base/internal/boot.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "test.h"
#include "boot/boot.h"

enum { PAGES = 512, STEPS = 20000, PANIC = 42 };

char host_ram[PAGES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
struct cpu *host_cpu;
struct boot_info boot_info;

static enum memory model[PAGES + 1];

_Noreturn void panic(char const *format, ...) { _exit(PANIC); }
void console_print(char const *format, ...)   { test_failed(__FILE__, 0, format); }
void host_cr3_write(uint64_t value)           { abort(); }

static bool ram(unsigned page)
{
	return model[page] >= MEMORY_FREE && model[page] <= MEMORY_MODULES;
}

static void raise_model(uint64_t page, uint64_t end, enum memory type)
{
	for (; page < end; page++)
		if (model[page] < type)
			model[page] = type;
}

static uint64_t last;     /* end of the previous range */

static void check_range(uint64_t base, uint64_t end)
{
	CHECK(base < end && (!last || last < base));
	for (uint64_t at = last; at < base; at += PAGE_SIZE)
		CHECK(!ram((unsigned)(at / PAGE_SIZE)));
	for (uint64_t at = base; at < end; at += PAGE_SIZE)
		CHECK(ram((unsigned)(at / PAGE_SIZE)));
	last = end;
}

static void check_all(void)
{
	for (unsigned i = 0; i < PAGES; i++) {
		uint64_t const base = i * (uint64_t)PAGE_SIZE;
		CHECK(memory_is_ram(base, PAGE_SIZE) == ram(i));
		CHECK(memory_is_ram(base + 1, PAGE_SIZE)
		      == (ram(i) && ram(i + 1)));
	}
	last = 0;
	memory_each(check_range);
	for (uint64_t at = last / PAGE_SIZE; at < PAGES; at++)
		CHECK(!ram((unsigned)at));
}

static void check_list(void)
{
	static enum boot_range_type const types[] = {
		[MEMORY_FREE] = BOOT_RAM, [MEMORY_KERNEL] = BOOT_KERNEL,
		[MEMORY_ACPI] = BOOT_ACPI, [MEMORY_RESERVED] = BOOT_RESERVED };
	uint64_t listed = 0, expected = 0;
	boot_info_complete();
	for (unsigned i = 0; i < boot_info.n_ranges; i++) {
		struct boot_range const *const r = &boot_info.ranges[i];
		for (uint64_t at = 0; at < r->size; at += PAGE_SIZE, listed++)
			CHECK(types[model[(r->base + at) / PAGE_SIZE]] == r->type);
	}
	for (unsigned i = 0; i < PAGES; i++)
		expected += model[i] != MEMORY_NOTHING
		         && model[i] != MEMORY_MODULES;
	CHECK(listed == expected);
}

/** A few large ranges at a time, or the table would be full */
static void random_ranges(void)
{
	static uint32_t const firmware[] = { 1, 2, 3, 4, 7 };
	static enum memory const types[] = { MEMORY_FREE, MEMORY_RESERVED,
		MEMORY_ACPI, MEMORY_ACPI, MEMORY_RESERVED };
	for (unsigned step = 0; step < 60; step++) {
		uint32_t const which = test_random(5);
		uint64_t const limit = PAGES * PAGE_SIZE;
		uint64_t const base = test_random(PAGES * PAGE_SIZE);
		uint64_t const size = test_random(step < 30 ? 200000 : 20000);
		if (base + size > limit)
			continue;
		memory_firmware(base, size, firmware[which]);
		if (which == 0)
			raise_model((base + PAGE_SIZE - 1) / PAGE_SIZE,
			            (base + size) / PAGE_SIZE, MEMORY_FREE);
		else if (base / PAGE_SIZE < (base + size + PAGE_SIZE - 1) / PAGE_SIZE)
			raise_model(base / PAGE_SIZE,
			            (base + size + PAGE_SIZE - 1) / PAGE_SIZE,
			            types[which]);
		check_all();
	}
	check_list();
}

static void takes(void)
{
	memset(host_ram, 0xff, sizeof host_ram);
	memory_mark(3 * PAGE_SIZE, 5 * PAGE_SIZE, MEMORY_MODULES);
	raise_model(3, 5, MEMORY_MODULES);
	unsigned n = 0;
	for (uint64_t base; (base = memory_take(2 * PAGE_SIZE, PAGE_SIZE,
	                                        300 * PAGE_SIZE)); n++) {
		uint64_t const page = base / PAGE_SIZE;
		CHECK(page >= 1 && page + 2 <= 300);
		CHECK(model[page] == MEMORY_FREE && model[page + 1] == MEMORY_FREE);
		for (unsigned i = 0; i < 2 * PAGE_SIZE; i++)
			CHECK(!host_ram[base + i]);
		raise_model(page, page + 2, MEMORY_KERNEL);
		check_all();
	}
	CHECK(n > 10);
	for (unsigned i = 1; i < 299; i++)
		CHECK(model[i - 1] == MEMORY_FREE || model[i] != MEMORY_FREE
		      || model[i + 1] != MEMORY_FREE);
	check_list();
}

/** Firmware's nonsense is cut off, or ignored */
static void nonsense(void)
{
	memory_firmware(~0xfffUL, 0x2000, 1);
	memory_firmware(1UL << 60, 0x1000, 1);
	memory_firmware(~0UL, 1, 1);
	memory_firmware(~0UL, ~0UL, 1);
	memory_firmware(PAGES * PAGE_SIZE, 0, 2);
	memory_firmware(PAGES * PAGE_SIZE - 1, 1, 1);
	CHECK(!memory_is_ram(~0xfffUL, 0x1000));
	CHECK(!memory_is_ram(0, 0) && !memory_is_ram(~0UL, 2));
	check_all();
	memory_firmware(PAGES * PAGE_SIZE, ~0UL, 1);
	CHECK(memory_is_ram(1UL << 45, 1UL << 44));
}

static void full(void)
{
	pid_t const child = fork();
	if (!child) {
		for (uint64_t i = 0; i < 1000; i++)
			memory_firmware(0x10000000 + i * 0x2000, 0x1000, 2);
		_exit(0);
	}
	int status;
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == PANIC);
}

int main(void)
{
	static struct test_case const cases[] = {
		{ "memory: random ranges of firmware", random_ranges },
		{ "memory: frames that are taken", takes },
		{ "memory: nonsense of firmware", nonsense },
		{ "memory: too many pieces", full },
	};
	return test_run(cases, sizeof cases / sizeof cases[0]);
}
