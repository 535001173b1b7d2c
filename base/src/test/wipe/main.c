/* SPDX-License-Identifier: MIT */
/*
 * Property: fresh memory is zero, wherever it was before: in this domain, in
 * another one, in a region map, in single pages, on whichever CPU it is touched.
 */

/* public */
#include <base/heap.h>
#include <session/rm.h>

/* local */
#include "test.h"

enum { PAGE = 4096, SIZE = 2 << 20, WORKERS = 4 };

static struct pd_account account_of(pd_cap_t pd)
{
	struct pd_account account = { 0 };
	check_ok(pd_account(pd, &account));
	return account;
}

/** Check that memory is zero, in an order that faults decide, and soil it */
static void soil(void *at, size_t size, size_t step)
{
	for (size_t page = 0; page < size / PAGE; page++) {
		uint64_t *const words =
			(uint64_t *)((char *)at + page * step % size / PAGE * PAGE);
		for (unsigned i = 0; i < PAGE / 8; i++) {
			check(!words[i], "%lx at %p", words[i], (void *)&words[i]);
			words[i] = ~0ul - i;
		}
	}
}

/** Once through dataspace of 'pd'; all pages are touched for an odd step */
static void use(pd_cap_t pd, size_t size, uint32_t flags, size_t step)
{
	dataspace_cap_t ds;
	void *at;
	check_ok(pd_ram_alloc(pd, size, flags, &ds));
	check_ok(ram_attach(test_env, ds, true, &at));
	soil(at, size, step * PAGE);
	ram_detach(test_env, at);
	check_ok(pd_ram_free(pd, ds));
	cap_drop(ds.cap);
}

static void again_and_again(void)
{
	for (unsigned i = 0; i < 3; i++) {
		use(test_env->pd, SIZE, 0, 1);                  /* upwards */
		use(test_env->pd, SIZE, 0, SIZE / PAGE - 1);    /* downwards */
		use(test_env->pd, SIZE, PD_RAM_CONTIGUOUS, 37);
	}
	use(test_env->pd, SIZE, PD_RAM_UNCACHED, 1);
}

static void single_pages(void)
{
	enum { PAGES = 64 };
	dataspace_cap_t ds[PAGES];
	void *at[PAGES];
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < PAGES; i++) {
			check_ok(ram_alloc(test_env, PAGE, &ds[i]));
			check_ok(ram_attach(test_env, ds[i], true, &at[i]));
			soil(at[i], PAGE, PAGE);
		}
		for (unsigned i = 0; i < PAGES; i++) {
			ram_detach(test_env, at[i]);
			ram_free(test_env, ds[i]);
		}
	}
}

/** A domain's memory goes through its whole account, and then to us */
static void another_domain(void)
{
	struct pd_session other;
	check_ok(pd_open(&other, test_env,
		&(struct session_args) { .ram = SIZE + 65536, .caps = 20 }));
	struct pd_account const account = account_of(other.cap);
	check(account.ram_limit - account.ram_used > SIZE, "too little for a test");
	use(other.cap, SIZE, 0, 1);
	use(test_env->pd, SIZE, 0, 1);
	use(other.cap, SIZE, 0, 1);
	pd_close(&other);
	use(test_env->pd, SIZE, 0, 1);
}

/** Read only: what nobody wrote is zero, too */
static void read_only(void)
{
	use(test_env->pd, SIZE, 0, 1);
	dataspace_cap_t ds;
	void *at;
	check_ok(ram_alloc(test_env, SIZE, &ds));
	check_ok(ram_attach(test_env, ds, false, &at));
	for (size_t i = 0; i < SIZE / 8; i++)
		check(!((uint64_t *)at)[i], "word %zu is not zero", i);
	ram_detach(test_env, at);
	ram_free(test_env, ds);
}

static void work(struct worker *worker)
{
	for (unsigned i = 0; i < 4; i++)
		use(test_env->pd, 256 << 10, 0, 2 * i + 1);
}

static void concurrent(void)
{
	static struct worker workers[WORKERS];
	workers_open(workers, WORKERS, 0, work);
	workers_join(workers, WORKERS);
}

/** Stacks of threads are fresh memory as well */
static void look_down(struct worker *worker)
{
	uint64_t here = 0;
	uint64_t const *const top = (uint64_t *)((uint64_t)&here & ~(PAGE - 1ul));
	for (uint64_t const *p = top - 2 * PAGE / 8; p < top - 32; p++)
		check(!*p, "old stack: %lx at %p", *p, (void const *)p);
}

static void stacks(void)
{
	static struct worker workers[WORKERS];
	for (unsigned i = 0; i < 4; i++) {
		use(test_env->pd, 64 << 10, 0, 1);
		workers_open(workers, WORKERS, 0, look_down);
		workers_join(workers, WORKERS);
	}
}

static struct test_step const steps[] = {
	{ "again and again", again_and_again }, { "single pages", single_pages },
	{ "another domain", another_domain }, { "read only", read_only },
	{ "on all CPUs", concurrent }, { "stacks", stacks },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
