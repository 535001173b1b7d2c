/* SPDX-License-Identifier: MIT */
/* Library that needs another one: functions, data, pointers in tables, TLS */

#include "library.h"

static uint64_t subtract(uint64_t a, uint64_t b)
{
	return a - b;
}

uint64_t (*const outer_table[2])(uint64_t, uint64_t) = { inner_add, subtract };
uint64_t *const outer_pointer = &inner_word;

static __thread uint64_t own[3] = { 5, 6, 7 };

__attribute__((constructor)) static void construct(void)
{
	/* what it needs was constructed before */
	note(inner_order[0] == 'i' ? 'o' : '?');
}

uint64_t outer_twice(uint64_t a)
{
	return inner_add(a, a);
}

uint64_t *outer_own(void)
{
	return own;
}

int outer_weak(void)
{
	return nowhere != 0;
}
