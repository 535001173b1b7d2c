/* SPDX-License-Identifier: MIT */
/* Stands in for test_inner, but lacks a function that is needed */

#include "library.h"

uint64_t inner_word = 1;
uint64_t inner_zero[600];
unsigned constructed;
char     inner_order[8];

static uint64_t own;

uint64_t *inner_own(void)
{
	return &own;
}
