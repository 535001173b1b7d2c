/* SPDX-License-Identifier: MIT */
/** Host tests: what all programs share */

#include "test.h"
#include <stdio.h>

static unsigned failures;

void test_failed(char const *file, int line, char const *what)
{
	printf("%s:%d: %s\n", file, line, what);
	failures++;
}

uint32_t test_random(uint32_t limit)
{
	static uint64_t state = 0x9e3779b97f4a7c15;
	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)((state >> 32) % limit);
}

int test_run(struct test_case const *cases, size_t n)
{
	unsigned failed = 0;
	for (size_t i = 0; i < n; i++) {
		failures = 0;
		cases[i].run();
		printf("%s %s\n", failures ? "failed" : "passed", cases[i].name);
		failed += failures != 0;
	}
	return failed != 0;
}
