/* SPDX-License-Identifier: MIT */
/*
 * Property: each thread has its own copy of thread-local variables, with their
 * initial values, aligned as declared, and nobody else writes to it, whatever
 * runs in between on its CPU.
 */

#include "test.h"

enum { WORKERS = 10, ROUNDS = 300 };

static __thread uint64_t number = 0x123456789abcdef0;
static __thread uint64_t zero;
static __thread char     large[3000];
static __thread char const *text = "initial";
static __thread struct { uint64_t word[8]; } __attribute__((aligned(64))) line =
	{ { 1, 2, 3, 4, 5, 6, 7, 8 } };

static struct worker workers[WORKERS];
static uint64_t     *seen[WORKERS];

static void check_initial(void)
{
	check(number == 0x123456789abcdef0, "number is %lx", number);
	check(!zero, "zero is %lx", zero);
	check(text[0] == 'i' && text[6] == 'l', "text is \"%s\"", text);
	check(!((uint64_t)&line & 63), "not aligned: %p", (void *)&line);
	for (unsigned i = 0; i < 8; i++)
		check(line.word[i] == i + 1, "line %u is %lx", i, line.word[i]);
	for (unsigned i = 0; i < sizeof large; i++)
		check(!large[i], "large[%u] is %x", i, large[i]);
}

static void own_copy(struct worker *worker)
{
	check_initial();
	seen[worker->index] = &number;
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t const value = (uint64_t)worker->index << 32 | i;
		number = zero = value;
		for (unsigned k = 0; k < sizeof large; k += 100)
			large[k] = (char)(worker->index + k);
		line.word[i % 8] = value;
		thread_yield();
		check(number == value && zero == value && line.word[i % 8] == value,
		      "thread %u: %lx %lx", worker->index, number, zero);
		for (unsigned k = 0; k < sizeof large; k += 100)
			check(large[k] == (char)(worker->index + k), "large[%u]", k);
	}
	check(&number == seen[worker->index], "the copy moved");
}

static void threads(void)
{
	workers_open(workers, WORKERS, 0, own_copy);
	workers_join(workers, WORKERS);
	for (unsigned i = 0; i < WORKERS; i++)
		check(seen[i] != &number, "thread %u shares the first's copy", i);
	check_initial(); /* the first thread never wrote */
}

static struct test_step const steps[] = { { "own copies", threads } };

enum error component_construct(struct env *env)
{
	return test_main(env, steps, sizeof steps / sizeof *steps);
}
