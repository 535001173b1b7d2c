/* SPDX-License-Identifier: MIT */
/*
 * Property: all RAM of the account can be had, in whatever amount the machine
 * has it, at its full size; what is beyond is refused; only what is touched is
 * ever wiped or mapped.
 */

/* public */
#include <base/heap.h>

/* local */
#include "test.h"

enum { PAGE = 4096, PARTS = 32, TOUCHES = 16 };

static struct { dataspace_cap_t ds; uint64_t size; char *at; } part[PARTS];

/** A page of part 'i': TOUCHES of them, first and last among them */
static uint64_t volatile *page(unsigned i, unsigned touch)
{
	uint64_t const step = (part[i].size / PAGE - 1) * touch / (TOUCHES - 1);
	return (uint64_t *)(part[i].at + step * PAGE);
}

static void open(unsigned i, uint64_t size)
{
	void *at;
	part[i].size = size;
	check_ok(ram_alloc(test_env, size, &part[i].ds));
	check_ok(ram_attach(test_env, part[i].ds, true, &at));
	part[i].at = at;
	for (unsigned k = 0; k < TOUCHES; k++) {
		check(!*page(i, k) || part[i].size < TOUCHES * PAGE,
		      "part %u is not zero", i);
		*page(i, k) = (uint64_t)page(i, k);
	}
}

/** Halves of what is left, but for page tables, down to single pages */
static unsigned fill(void)
{
	uint64_t const most = 16ul << 30;
	unsigned count = 0;
	for (; count < PARTS; count++) {
		struct pd_account const account = test_account();
		uint64_t const left = account.ram_limit - account.ram_used;
		uint64_t const size = left > most + (most >> 6) ? most
		                    : left / 8 * 7 & ~(PAGE - 1ul);
		if (left < 512 << 10)
			break;
		open(count, size);
	}
	return count;
}

static void all(void)
{
	dataspace_cap_t ds;
	struct pd_account const account = test_account();
	uint64_t const free = account.ram_limit - account.ram_used;
	check_error(ram_alloc(test_env, free, &ds), free > 16ul << 30
	            ? ERROR_INVALID : ERROR_NO_RAM);
	unsigned const count = fill();
	check(test_account().ram_used > account.ram_limit / 10 * 9,
	      "%lu MiB of %lu used", test_account().ram_used >> 20,
	      account.ram_limit >> 20);
	log_info("%lu MiB in %u parts", free >> 20, count);
	for (unsigned i = 0; i < count; i++)
		for (unsigned k = 0; k < TOUCHES; k++)
			check(*page(i, k) == (uint64_t)page(i, k),
			      "part %u is shared", i);
	for (unsigned i = 0; i < count; i++) {
		ram_detach(test_env, part[i].at);
		ram_free(test_env, part[i].ds);
	}
}

static struct test_step const steps[] = { { "all", all } };

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
