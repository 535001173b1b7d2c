/* SPDX-License-Identifier: MIT */
/*
 * Property: a clone has the content of its original at that time for ever, and
 * the other way round, whoever writes what on whichever CPU, also when the
 * original dies; it has paid for all of its pages, so that a write never waits.
 */

/* public */
#include <base/heap.h>
#include <session/rm.h>

/* local */
#include "test.h"

enum { PAGE = 4096, PAGES = 200, SIZE = PAGES * PAGE, WORKERS = 4 };

/** A dataspace and where it is attached */
struct part { dataspace_cap_t ds; uint64_t volatile *at; };

static void attach(struct part *part)
{
	void *at;
	check_ok(ram_attach(test_env, part->ds, true, &at));
	part->at = at;
}

static void clone_of(struct part *clone, dataspace_cap_t ds)
{
	check_ok(pd_ram_clone(test_env->pd, ds, &clone->ds));
	attach(clone);
}

static void discard(struct part *part)
{
	ram_detach(test_env, (void *)(uint64_t)part->at);
	ram_free(test_env, part->ds);
}

static uint64_t volatile *word(struct part const *part, unsigned page)
{
	return part->at + page * (PAGE / 8) + page % 500;
}

/** Pages 0, 3, 6 … of an original have been written */
static uint64_t original(unsigned page) { return page % 3 ? 0 : page + 7000; }

static void open_original(struct part *part)
{
	check_ok(ram_alloc(test_env, SIZE, &part->ds));
	attach(part);
	for (unsigned i = 0; i < PAGES; i += 3)
		*word(part, i) = original(i);
}

static void check_original(struct part const *part, unsigned step)
{
	for (unsigned i = 0; i < PAGES; i += step)
		check(*word(part, i) == original(i), "page %u has %lu", i,
		      *word(part, i));
}

static void apart(void)
{
	struct part a, b, c;
	open_original(&a);
	clone_of(&b, a.ds);
	for (unsigned i = 0; i < PAGES; i += 4)
		*word(&b, i) = 1;
	for (unsigned i = 2; i < PAGES; i += 4)
		*word(&a, i) = 2;
	clone_of(&c, b.ds);
	for (unsigned i = 1; i < PAGES; i += 4)
		*word(&b, i) = 3;
	for (unsigned i = 0; i < PAGES; i++) {
		uint64_t const old = original(i);
		uint64_t const in_a = i % 4 == 2 ? 2 : old;
		uint64_t const in_c = i % 4 == 0 ? 1 : old;
		uint64_t const in_b = i % 4 == 1 ? 3 : in_c;
		check(*word(&a, i) == in_a && *word(&b, i) == in_b
		      && *word(&c, i) == in_c, "page %u: %lu %lu %lu", i,
		      *word(&a, i), *word(&b, i), *word(&c, i));
	}
	discard(&b);
	discard(&a);
	for (unsigned i = 3; i < PAGES; i += 4)
		check(*word(&c, i) == original(i), "page %u is lost", i);
	discard(&c);
}

/* -- all at once -- */

static struct part shared;

static void live(struct worker *worker)
{
	struct part mine, second;
	uint64_t state = worker->index + 1;
	uint64_t expected[PAGES];
	clone_of(&mine, shared.ds);
	for (unsigned i = 0; i < PAGES; i++)
		expected[i] = original(i);
	for (unsigned i = 0; i < 600; i++) {
		unsigned const page = (unsigned)(test_random(&state) % PAGES);
		check(*word(&mine, page) == expected[page],
		      "thread %u, page %u has %lu instead of %lu", worker->index,
		      page, *word(&mine, page), expected[page]);
		if (i % 2)
			*word(&mine, page) = expected[page] = test_random(&state);
		if (i == 300)
			clone_of(&second, mine.ds);
	}
	discard(&mine);
	*word(&second, 1) = 5;
	check(*word(&second, 1) == 5, "not written");
	discard(&second);
}

static void concurrent(void)
{
	static struct worker workers[WORKERS];
	open_original(&shared);
	check_ok(pd_ram_seal(test_env->pd, shared.ds));
	workers_open(workers, WORKERS, 0, live);
	workers_join(workers, WORKERS);
	check_original(&shared, 1);
	discard(&shared);
}

/* -- accounts -- */

/** Take all RAM that is left, but for 64 KiB for page tables */
static unsigned exhaust(dataspace_cap_t taken[64])
{
	unsigned count = 0;
	for (size_t size = 8 << 20; size >= PAGE; size /= 2) {
		struct pd_account const account = test_account();
		if (account.ram_limit - account.ram_used < size + 65536)
			continue;
		check_ok(ram_alloc(test_env, size, &taken[count++]));
		size *= 2;
	}
	return count;
}

static void paid(void)
{
	dataspace_cap_t taken[64];
	struct part a, b;
	open_original(&a);
	uint64_t const before = test_account().ram_used;
	clone_of(&b, a.ds);
	check(test_account().ram_used - before >= SIZE, "%lu bytes charged",
	      test_account().ram_used - before);
	check_original(&a, 1);
	check_original(&b, 1);

	unsigned const count = exhaust(taken);
	uint64_t const used = test_account().ram_used;
	for (unsigned i = 0; i < PAGES; i++) {
		*word(&a, i) = i;
		*word(&b, i) = 2 * i;
	}
	check(test_account().ram_used == used, "writes cost %lu",
	      test_account().ram_used - used);
	for (unsigned i = 0; i < count; i++)
		ram_free(test_env, taken[i]);
	discard(&a);
	discard(&b);
}

/** Memory of a domain that dies */
static void inherited(void)
{
	struct pd_session other;
	struct part a, b;
	check_ok(pd_open(&other, test_env,
		&(struct session_args) { .ram = SIZE + 65536, .caps = 20 }));
	check_ok(pd_ram_alloc(other.cap, SIZE, 0, &a.ds));
	attach(&a);
	for (unsigned i = 0; i < PAGES; i += 3)
		*word(&a, i) = original(i);
	clone_of(&b, a.ds);
	check_original(&b, 5);
	pd_close(&other);
	for (unsigned i = 0; i < PAGES; i++)
		check(!*word(&a, i), "page %u of the dead is %lu", i,
		      *word(&a, i));
	check_original(&b, 1);
	ram_detach(test_env, (void *)(uint64_t)a.at);
	cap_drop(a.ds.cap);
	discard(&b);
}

static struct test_step const steps[] = {
	{ "apart", apart }, { "on all CPUs", concurrent }, { "paid", paid },
	{ "inherited", inherited },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
