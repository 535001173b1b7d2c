/* SPDX-License-Identifier: MIT */
/** What the parts of the test have in common */
#pragma once

/* musl */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/** Give up with file, line and a message in printf's notation unless 'condition' */
#define check(condition, ...) do { \
	if (!(condition)) { \
		printf("%s:%d: ", __FILE__, __LINE__); \
		printf(__VA_ARGS__); \
		printf("\n--- test failed ---\n"); \
		_Exit(1); \
	} \
} while (0)

/** RAM that the component uses, in bytes, without what is kept for later */
size_t ram_used(void);
/** Names of kernel objects that it has */
size_t names_used(void);
/** Capabilities that it uses */
size_t caps_used(void);

void test_library(void);
void test_memory(void);
void test_threads(void);
/** A thread leaves its stack, which must be the end */
void test_overflow(void);
void test_sync(void);
void test_clocks(void);
