/* SPDX-License-Identifier: MIT */
/**
 * Page tables, tags and shoot-down against a simulated tagged TLB
 *
 * The TLB keeps all that it ever saw until it is told to forget, as a real one
 * might. After each step, no CPU may see a translation that the model does not
 * have, whatever space it switches to.
 */

#include <base/internal/boot.h>
#include <kernel/apic.h>
#include <kernel/page_table.h>
#include <kernel/pool.h>
#include <stdlib.h>
#include <string.h>
#include "test.h"
#include "x86/init.h"
#include "x86/page_entry.h"

enum { FRAMES = 4096, CPUS = 3, SPACES = 150, PAGES = 24, STEPS = 60000 };
#define KEEP (1UL << 63)

char host_ram[FRAMES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
struct cpu *host_cpu;
struct cpu *cpu_table[CPUS_MAX];
uint32_t    cpu_count = CPUS;
struct cpu_features cpu_features;

static struct cpu        cpus[CPUS];
static struct pool       pool;
static struct page_table space[SPACES];
static uint64_t          model[SPACES][PAGES];   /* 0 or physical address */

/** What a CPU has cached: by PCID and page */
static uint64_t cached[CPUS][TLB_TAGS][PAGES];
static uint64_t cr3_of[CPUS];

/* Pages that share tables, and some that do not */
static uint64_t address(unsigned page)
{
	return 0x400000 + (page % 8) * PAGE_SIZE + (page / 8) * 0x40000000UL;
}

void host_cr3_write(uint64_t value)
{
	unsigned const cpu = (unsigned)(host_cpu - cpus);
	if (!(value & KEEP))
		memset(cached[cpu][value % PAGE_SIZE], 0,
		       sizeof cached[cpu][0]);
	cr3_of[cpu] = value & ~KEEP;
}

void apic_send(struct cpu const *target, uint8_t vector)
{
	struct cpu *const sender = host_cpu;
	CHECK(vector == VECTOR_TLB);
	host_cpu = &cpus[target - cpus];
	tlb_serve(host_cpu);
	host_cpu = sender;
}

static void frames_new(void)
{
	memset(&pool, 0, sizeof pool);
	for (unsigned i = FRAMES / 2; i < FRAMES; i++)
		pool_donate(&pool, host_ram + i * PAGE_SIZE);
	page_table_kernel.cr3 = pointer_phys(pool_take(&pool));
	pool.frames--;       /* never given back */
}

/** What the tables say, as a CPU reads them: 0: nothing */
static uint64_t translate(uint64_t cr3, uint64_t virt)
{
	uint64_t entry = cr3;
	for (unsigned level = LEVEL_ROOT + 1; level--;) {
		uint64_t const *const table = phys_pointer(entry & ENTRY_PHYS);
		uint64_t const mask = level_size(level) - 1;
		entry = table[level_index(level, virt)];
		if (!(entry & ENTRY_PRESENT))
			return 0;
		if (!entry_is_table(entry, level))
			return (entry & ENTRY_PHYS & ~mask) | (virt & mask);
	}
	return 0;
}

/** What the CPU sees; it caches that */
static uint64_t access_page(unsigned cpu, unsigned page)
{
	uint64_t *const entry = &cached[cpu][cr3_of[cpu] % PAGE_SIZE][page];
	if (!*entry)
		*entry = translate(cr3_of[cpu], address(page));
	return *entry;
}

static enum error map_page(unsigned s, unsigned page, uint64_t phys)
{
	uint64_t done;
	unsigned missing;
	return page_table_map(&space[s], &pool, address(page), phys, PAGE_SIZE,
	                      KERNEL_MAP_WRITE, &done, &missing);
}

static void unmap_page(unsigned s, unsigned page)
{
	uint64_t done;
	CHECK(page_table_unmap(&space[s], &pool, address(page), PAGE_SIZE,
	                       &done) == ERROR_OK);
	CHECK(done == PAGE_SIZE || !model[s][page]);
	model[s][page] = 0;
}

static void toggle(unsigned s, unsigned page)
{
	if (model[s][page]) {
		unmap_page(s, page);
		return;
	}
	uint64_t const phys = (1 + test_random(1000)) * PAGE_SIZE;
	CHECK(map_page(s, page, phys) == ERROR_OK);
	CHECK(map_page(s, page, phys) == ERROR_OK);
	CHECK(map_page(s, page, phys + PAGE_SIZE) == ERROR_CONFLICT);
	model[s][page] = phys;
}

static void check_cpu(unsigned cpu, unsigned s)
{
	host_cpu = &cpus[cpu];
	page_table_activate(host_cpu, &space[s]);
	for (unsigned page = 0; page < PAGES; page++)
		CHECK(access_page(cpu, page) == model[s][page]);
}

static void tags(bool pcid)
{
	cpu_features.pcid = pcid;
	memset(cached, 0, sizeof cached);
	memset(model, 0, sizeof model);
	memset(cpus, 0, sizeof cpus);
	frames_new();
	for (unsigned i = 0; i < CPUS; i++) {
		cpu_table[i]  = &cpus[i];
		cpus[i].space = &page_table_kernel;
	}
	for (unsigned i = 0; i < SPACES; i++)
		page_table_init(&space[i], pointer_phys(pool_take(&pool)));

	for (unsigned step = 0; step < STEPS; step++) {
		host_cpu = &cpus[test_random(CPUS)];
		toggle(test_random(SPACES), test_random(PAGES));
		check_cpu(test_random(CPUS), test_random(SPACES));
	}
}

static void tags_pcid(void)  { tags(true); }
static void tags_plain(void) { tags(false); }

/** Nobody uses a space that was retired */
static void retire(void)
{
	for (unsigned i = 0; i < SPACES; i++) {
		host_cpu = &cpus[i % CPUS];
		check_cpu(i % CPUS, i);
		page_table_retire(&space[i]);
		for (unsigned c = 0; c < CPUS; c++)
			CHECK(cpus[c].space != &space[i]);
	}
}

static enum error map(uint64_t virt, uint64_t phys, uint64_t size,
                      unsigned flags, uint64_t *done, unsigned *missing)
{
	*missing = 0;
	return page_table_map(&space[0], &pool, virt, phys, size, flags, done,
	                      missing);
}

static void large_pages(void)
{
	uint64_t done;
	unsigned missing;
	cpu_features.gib_pages = true;
	frames_new();
	host_cpu = &cpus[0];
	page_table_init(&space[0], pointer_phys(pool_take(&pool)));
	uint32_t const free = pool.free;

	CHECK(map(0x40000000, 0x80000000, 0x40000000, 0, &done, &missing) == 0);
	CHECK(done == 0x40000000 && pool.free == free - 1);
	CHECK(map(0x40200000, 0x80200000, 0x1000, 0, &done, &missing) == 0);
	CHECK(map(0x40200000, 0x80200000, 0x1000, KERNEL_MAP_WRITE, &done, &missing)
	      == ERROR_CONFLICT);

	/* a hole in the middle: all of it vanishes, and that needs no memory */
	struct pool const all = pool;
	pool.free = 0;
	CHECK(page_table_unmap(&space[0], &pool, 0x40201000, 0x1000, &done)
	      == 0);
	CHECK(done == 0x1000 && !pool.free);
	pool = all;
	CHECK(!translate(space[0].cr3, 0x40201000));
	CHECK(!translate(space[0].cr3, 0x7ffff000));

	/* small pages give way to a large one only when they are unmapped */
	CHECK(map(0x40000000, 0x80000000, 0x1000, 0, &done, &missing) == 0);
	CHECK(map(0x40000000, 0x80000000, 0x200000, 0, &done, &missing) == 0);
	CHECK(pool.free == free - 3 && done == 0x200000);
	CHECK(page_table_unmap(&space[0], &pool, 0x40000000, 0x200000, &done)
	      == 0 && done == 0x200000 && pool.free == free - 2);
	CHECK(map(0x40000000, 0x80000000, 0x200000, 0, &done, &missing) == 0);
	CHECK(pool.free == free - 2 && done == 0x200000);
	CHECK(translate(space[0].cr3, 0x401ff123) == 0x801ff123);
}

static void refusals(void)
{
	uint64_t done;
	uint64_t const end = LAYOUT_USER_END;
	unsigned missing;
	CHECK(map(end, 0, 0x1000, 0, &done, &missing) == ERROR_INVALID);
	CHECK(map(end - 0x1000, 0, 0x2000, 0, &done, &missing) == ERROR_INVALID);
	CHECK(map(~0xfffUL, 0, 0x2000, 0, &done, &missing) == ERROR_INVALID);
	CHECK(map(0x1000, 0, ~0xfffUL, 0, &done, &missing) == ERROR_INVALID);
	CHECK(map(0x1000, 0x123, 0x1000, 0, &done, &missing) == ERROR_INVALID);
	CHECK(map(0x1000, 1UL << 52, 0x1000, 0, &done, &missing)
	      == ERROR_INVALID);
	CHECK(map(0x1000, 0, 0x1000, KERNEL_MAP_WRITE | KERNEL_MAP_EXEC, &done, &missing)
	      == ERROR_INVALID);

	/* a lack of memory has no side effects */
	struct pool const all = pool;
	for (uint32_t left = 0; left < 3; left++) {
		pool = all;
		pool.free = left;
		CHECK(map(0x700000000000, 0, 0x1000, 0, &done, &missing)
		      == ERROR_KERNEL_RAM);
		CHECK(missing == 3 - left && pool.free == left);
	}
	pool = all;
	CHECK(map(0x700000000000, 0, 0x1000, 0, &done, &missing) == ERROR_OK);
	CHECK(pool.free == all.free - 3);
}

int main(void)
{
	static struct test_case const cases[] = {
		{ "space: tags with PCIDs", tags_pcid },
		{ "space: dead spaces", retire },
		{ "space: without PCIDs", tags_plain },
		{ "space: large pages", large_pages },
		{ "space: refusals", refusals },
	};
	return test_run(cases, sizeof cases / sizeof cases[0]);
}
