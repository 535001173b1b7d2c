/* SPDX-License-Identifier: MIT */
/** Sets of spans against a bit for each address */

#include <string.h>
#include "test.h"
#include "boot/span.h"

enum { SIZE = 256, STEPS = 20000 };

static struct span_set set;
static bool model[SIZE];

static void check_all(void)
{
	for (unsigned i = 0; i < SIZE; i++)
		CHECK(span_contains(&set, i, i + 1) == model[i]);
	for (unsigned i = 0; i < set.n; i++) {
		CHECK(set.span[i].base < set.span[i].end);
		CHECK(!i || set.span[i - 1].end < set.span[i].base);
	}
}

static void random_steps(void)
{
	for (unsigned step = 0; step < STEPS; step++) {
		uint32_t const base = test_random(SIZE);
		uint32_t const end  = base + test_random(SIZE - base + 1);
		bool const add = test_random(2);
		CHECK(add ? span_add(&set, base, end)
		          : span_remove(&set, base, end));
		memset(model + base, add, end - base);
		check_all();
	}
}

/** A change that finds no room leaves the set as it is */
static void full(void)
{
	set.n = 0;
	for (unsigned i = 0; i < SPANS_MAX; i++)
		CHECK(span_add(&set, i * 4, i * 4 + 3));
	struct span_set const before = set;
	CHECK(!span_add(&set, 4 * SPANS_MAX, 4 * SPANS_MAX + 1));
	CHECK(!span_remove(&set, 1, 2));
	CHECK(!memcmp(&before, &set, sizeof set));
	CHECK(span_add(&set, 3, 4));
	CHECK(set.n == SPANS_MAX - 1);
}

int main(void)
{
	static struct test_case const cases[] = {
		{ "span: random additions and removals", random_steps },
		{ "span: no room", full },
	};
	return test_run(cases, 2);
}
