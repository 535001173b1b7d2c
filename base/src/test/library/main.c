/* SPDX-License-Identifier: MIT */
/*
 * Property: functions, data, tables of pointers and thread-local variables of
 * shared libraries are one for program and libraries; constructors run once, a
 * library's before those of who needs it; what is missing is told by name, and
 * the component does not start (the scenario checks that).
 */

/* public */
#include <base/component.h>

/* local */
#include "library.h"
#include "test.h"

__attribute__((constructor)) static void construct(void)
{
	note('p');
}

static void constructors(void)
{
	check(constructed == 3, "%u constructors ran", constructed);
	check(inner_order[0] == 'i' && inner_order[1] == 'o' && inner_order[2] == 'p',
	      "order %.3s", inner_order);
}

static void functions(void)
{
	check(inner_add(3, 4) == 7 && outer_twice(21) == 42, "wrong results");
	check(outer_table[0](5, 6) == 11 && outer_table[1](6, 5) == 1, "table");
	check(outer_table[0] == inner_add, "a function has two addresses");
	check(!outer_weak() && !nowhere, "a weak symbol that nobody defines");
}

static void data(void)
{
	check(outer_pointer == &inner_word, "a variable has two addresses");
	inner_word += 1;
	check(*outer_pointer == inner_word, "two variables");
	inner_word -= 1;
	check(inner_word == 0x1122, "initial value %lx", inner_word);
	for (unsigned i = 0; i < 600; i++)
		check(!inner_zero[i], "not zero: %u", i);
}

static void use_own(struct worker *worker)
{
	check(*inner_own() == 0x1234, "inner's is %lx", *inner_own());
	check(outer_own()[0] == 5 && outer_own()[2] == 7, "outer's is %lx",
	      outer_own()[0]);
	for (unsigned i = 0; i < 100; i++) {
		*inner_own()   = worker->index * 1000 + i;
		outer_own()[1] = worker->index * 2000 + i;
		thread_yield();
		check(*inner_own() == worker->index * 1000 + i
		      && outer_own()[1] == worker->index * 2000 + i,
		      "another thread's copy");
	}
	check(outer_own()[0] == 5 && outer_own()[2] == 7, "overwritten");
}

static void thread_local_data(void)
{
	static struct worker workers[6];
	workers_open(workers, 6, 0, use_own);
	workers_join(workers, 6);
	check(*inner_own() == 0x1234 && outer_own()[1] == 6, "the first thread's");
}

static struct test_step const steps[] = {
	{ "constructors", constructors }, { "functions", functions },
	{ "data", data }, { "thread-local data", thread_local_data },
};

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
