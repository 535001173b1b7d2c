/* SPDX-License-Identifier: MIT */
/*
 * Property: uncached, write-combined and contiguous memory hold what all CPUs
 * write; only who has a device is told a physical address; a large dataspace
 * needs no page tables where large pages will do.
 */

/* public */
#include <base/heap.h>
#include <session/dataspace.h>
#include <session/io_mem.h>
#include <session/rm.h>

/* local */
#include "test.h"

enum { PAGE = 4096, SIZE = 16 * PAGE, WORKERS = 4, LARGE = 2 << 20,
       HUGE = 8 * LARGE };

static uint64_t volatile *memory;

/** Each thread has every fourth word */
static void fill(struct worker *worker)
{
	for (unsigned i = worker->index; i < SIZE / 8; i += WORKERS)
		memory[i] = i * 0x9e3779b97f4a7c15;
}

static void kind(uint32_t flags)
{
	static struct worker workers[WORKERS];
	dataspace_cap_t ds;
	void *at;
	check_ok(pd_ram_alloc(test_env->pd, SIZE, flags, &ds));
	check_ok(ram_attach(test_env, ds, true, &at));
	memory = at;
	for (unsigned i = 0; i < SIZE / 8; i++)
		check(!memory[i], "word %u is %lx at first", i, memory[i]);
	workers_open(workers, WORKERS, 0, fill);
	workers_join(workers, WORKERS);
	for (unsigned i = 0; i < SIZE / 8; i++)
		check(memory[i] == i * 0x9e3779b97f4a7c15, "word %u is %lx", i,
		      memory[i]);
	ram_detach(test_env, at);
	ram_free(test_env, ds);
}

static void kinds(void)
{
	kind(0);
	kind(PD_RAM_UNCACHED);
	kind(PD_RAM_WRITE_COMBINED);
	kind(PD_RAM_CONTIGUOUS);
	kind(PD_RAM_CONTIGUOUS | PD_RAM_UNCACHED);
	kind(0);
}

/** With a device (the HPET), one learns of contiguous memory where it is */
static void addresses(void)
{
	struct io_mem_session device;
	dataspace_cap_t plain, contiguous, second;
	uint64_t at, other;
	check_ok(io_mem_open(&device, test_env, &(struct session_args) {
		.text = "io_mem | base: 0xfed00000 | size: 4096" }));
	check_ok(ram_alloc(test_env, SIZE, &plain));
	check_ok(pd_ram_alloc(test_env->pd, SIZE, PD_RAM_CONTIGUOUS, &contiguous));
	check_ok(pd_ram_alloc(test_env->pd, SIZE, PD_RAM_CONTIGUOUS, &second));
	check_error(io_mem_physical(device.cap, plain, &at), ERROR_DENIED);
	check_ok(io_mem_physical(device.cap, contiguous, &at));
	check_ok(io_mem_physical(device.cap, second, &other));
	check(at && !(at & (PAGE - 1)) && (at >= other + SIZE
	                                   || other >= at + SIZE),
	      "memory at %lx and at %lx", at, other);
	check_error(pd_ram_seal(test_env->pd, contiguous), ERROR_INVALID);
	check_error(pd_ram_clone(test_env->pd, contiguous, &second),
	            ERROR_INVALID);
	ram_free(test_env, plain);
	ram_free(test_env, contiguous);
	ram_free(test_env, second);
	io_mem_close(&device);
}

static void touch(uint64_t at, uint64_t step)
{
	for (uint64_t i = 0; i < HUGE; i += step)
		*(uint64_t volatile *)(at + i) = i;
}

static void large_pages(void)
{
	dataspace_cap_t ds;
	uint64_t first, second;
	check_ok(ram_alloc(test_env, HUGE, &ds));
	check_ok(rm_attach(test_env->rm, ds, 0, 0, 0, RM_WRITE, &first));
	check(!(first & (LARGE - 1)), "attached at %lx", first);
	touch(first, PAGE);
	check_ok(rm_attach(test_env->rm, ds, 0, 0, 0, RM_WRITE, &second));
	uint64_t const used = test_account().ram_used;
	touch(second, LARGE);
	check(test_account().ram_used - used < HUGE / LARGE * PAGE,
	      "page tables of %lu bytes", test_account().ram_used - used);

	/* one page of a large one is mapped elsewhere, and taken away */
	uint64_t one;
	check_ok(rm_attach(test_env->rm, ds, 0, LARGE + PAGE, PAGE, RM_WRITE,
	                   &one));
	*(uint64_t volatile *)one = 99;
	check(*(uint64_t volatile *)(second + LARGE + PAGE) == 99, "another page");
	ram_detach(test_env, (void *)one);
	for (uint64_t i = 0; i < HUGE; i += PAGE)
		check(*(uint64_t volatile *)(second + i)
		      == (i == LARGE + PAGE ? 99 : i), "page at %lx", i);
	ram_detach(test_env, (void *)first);
	ram_detach(test_env, (void *)second);
	ram_free(test_env, ds);
}

static struct test_step const steps[] = {
	{ "kinds", kinds }, { "physical addresses", addresses },
	{ "large pages", large_pages },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
