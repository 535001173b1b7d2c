/* SPDX-License-Identifier: MIT */
/**
 * Host tests: one program a file, a table of cases, one line a case
 *
 * A case that fails goes on to its end, so that one run shows all there is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test_case { char const *name; void (*run)(void); };

/** Run the cases, print a line each; returns the program's exit status */
int test_run(struct test_case const *cases, size_t n);

/** Note the failure of the running case */
void test_failed(char const *file, int line, char const *what);

/** Reproducible pseudo-random number below 'limit' */
uint32_t test_random(uint32_t limit);

#define CHECK(condition) \
	((condition) ? (void)0 : test_failed(__FILE__, __LINE__, #condition))
