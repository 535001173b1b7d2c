/* SPDX-License-Identifier: MIT */
/**
 * Key of an object of at least 64 bytes, for trees that go by a key's bits
 */
#pragma once

#include <stdint.h>

/** Differs for all of them, as the factor is odd; its low bits look random */
static inline uint64_t address_key(void const *object)
{
	return (uint64_t)object / 64 * 0x9e3779b97f4a7c15UL;
}
