/* SPDX-License-Identifier: MIT */
/* Library that another library and the program use */

#include "library.h"

uint64_t inner_word = 0x1122;
uint64_t inner_zero[600];
unsigned constructed;
char     inner_order[8];

static __thread uint64_t own = 0x1234;

__attribute__((constructor)) static void construct(void)
{
	note('i');
}

uint64_t inner_add(uint64_t a, uint64_t b)
{
	return a + b;
}

uint64_t *inner_own(void)
{
	return &own;
}
