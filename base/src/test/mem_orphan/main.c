/* SPDX-License-Identifier: MIT */
/*
 * Property: who uses memory whose owner dies goes on: it reads zeros, and where
 * it writes it has a page of its own, on its own account, that nobody else sees;
 * the owner's account comes back at once; all of it ends with rm_detach.
 */

/* public */
#include <base/heap.h>
#include <session/rm.h>

/* local */
#include "test.h"

enum { PAGE = 4096, PAGES = 64, SIZE = PAGES * PAGE, WORKERS = 4 };

/** A domain with memory that we use */
struct owner {
	struct pd_session  pd;
	dataspace_cap_t    ds;
	uint64_t volatile *at;
};

static void open(struct owner *owner)
{
	void *at;
	check_ok(pd_open(&owner->pd, test_env,
		&(struct session_args) { .ram = SIZE + 65536, .caps = 20 }));
	check_ok(pd_ram_alloc(owner->pd.cap, SIZE, 0, &owner->ds));
	check_ok(ram_attach(test_env, owner->ds, true, &at));
	owner->at = at;
	for (unsigned i = 0; i < PAGES; i += 2)
		owner->at[i * PAGE / 8] = i + 1;
}

static void close(struct owner *owner)
{
	ram_detach(test_env, (void *)(uint64_t)owner->at);
	cap_drop(owner->ds.cap);
}

static void zeros(void)
{
	struct owner owner;
	open(&owner);
	pd_close(&owner.pd);
	check(!cap_alive(owner.ds.cap), "the dataspace lives");
	uint64_t const used = test_account().ram_used;
	for (unsigned i = 0; i < PAGES; i++)
		check(!owner.at[i * PAGE / 8], "page %u: %lu", i,
		      owner.at[i * PAGE / 8]);
	check(test_account().ram_used == used, "reading costs %lu bytes",
	      test_account().ram_used - used);
	for (unsigned i = 1; i < PAGES; i += 2)
		owner.at[i * PAGE / 8] = i;
	check(test_account().ram_used - used >= PAGES / 2 * PAGE,
	      "own pages cost %lu bytes", test_account().ram_used - used);
	for (unsigned i = 0; i < PAGES; i++)
		check(owner.at[i * PAGE / 8] == (i % 2 ? i : 0), "page %u: %lu",
		      i, owner.at[i * PAGE / 8]);
	close(&owner);
}

/* -- death in the midst of it -- */

static struct owner   victim;
static bool volatile  dead;

/** The values only ever grow, until they are zero */
static void use(struct worker *worker)
{
	uint64_t volatile *const mine = victim.at + worker->index * 8;
	uint64_t last = 0;
	while (!dead)
		for (unsigned i = 0; i < PAGES; i += 3) {
			uint64_t const now = mine[i * PAGE / 8];
			check(!now || now <= last, "%lu after %lu", now, last);
			mine[i * PAGE / 8] = ++last;
			worker->count++;
		}
	for (unsigned i = 0; i < PAGES; i++)
		mine[i * PAGE / 8] = worker->index;
}

static void in_the_midst(void)
{
	static struct worker workers[WORKERS];
	dead = false;
	open(&victim);
	for (unsigned i = 0; i < PAGES * PAGE / 8; i++)
		victim.at[i] = 0;
	workers_open(workers, WORKERS, 0, use);
	for (unsigned i = 0; i < WORKERS; i++)
		wait_for(workers[i].count > PAGES, "thread %u does nothing", i);
	pd_close(&victim.pd);
	dead = true;
	workers_join(workers, WORKERS);
	for (unsigned i = 0; i < PAGES; i++)
		for (unsigned w = 0; w < WORKERS; w++)
			check(victim.at[i * PAGE / 8 + w * 8] == w,
			      "page %u: %lu instead of %u", i,
			      victim.at[i * PAGE / 8 + w * 8], w);
	close(&victim);
}

/** A managed dataspace dies with regions in it */
static void managed(void)
{
	struct rm_session rm;
	dataspace_cap_t ds, all;
	uint64_t inside;
	void *at;
	check_ok(rm_open(&rm, test_env, &(struct session_args) {
		.text = "rm | size: 64K" }));
	check_ok(ram_alloc(test_env, 4 * PAGE, &ds));
	check_ok(rm_attach(rm.cap, ds, 0x4000, 0, 0, RM_WRITE | RM_FIXED,
	                   &inside));
	check_ok(rm_dataspace(rm.cap, &all));
	check_ok(ram_attach(test_env, all, true, &at));
	uint64_t volatile *const word = (uint64_t *)((char *)at + 0x5000);
	*word = 5;
	rm_close(&rm);
	check(!*word, "%lu in a region map that is gone", *word);
	*word = 6;
	check(*word == 6, "%lu in an own page", *word);
	ram_detach(test_env, at);
	cap_drop(all.cap);

	check_ok(ram_attach(test_env, ds, true, &at));
	check(((uint64_t volatile *)at)[PAGE / 8] == 5, "memory has changed");
	ram_detach(test_env, at);
	ram_free(test_env, ds);
}

static struct test_step const steps[] = {
	{ "zeros and own pages", zeros }, { "in the midst", in_the_midst },
	{ "region map", managed },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
