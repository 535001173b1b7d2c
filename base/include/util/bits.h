/* SPDX-License-Identifier: MIT */
/** Single bits, fields and bit arrays of 64-bit words */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Mask with bit 'n' set */
static inline uint64_t bit(unsigned n) { return (uint64_t)1 << n; }

/** Mask of the lowest 'n' bits, 0 ≤ n ≤ 64 */
static inline uint64_t bit_mask(unsigned n)
{
	return n < 64 ? bit(n) - 1 : ~(uint64_t)0;
}

/** Index of the lowest set bit; 'word' is not 0 */
static inline unsigned bit_lowest(uint64_t word)
{
	return (unsigned)__builtin_ctzll(word);
}

/** Index of the highest set bit, thus floor(log2); 'word' is not 0 */
static inline unsigned bit_highest(uint64_t word)
{
	return 63u - (unsigned)__builtin_clzll(word);
}

/** Smallest n with 2^n ≥ 'value' */
static inline unsigned bit_order(uint64_t value)
{
	return value > 1 ? bit_highest(value - 1) + 1 : 0;
}

static inline bool bit_power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

/** Number of set bits, without the POPCNT instruction and without a library */
static inline unsigned bit_count(uint64_t word)
{
	unsigned count = 0;
	for (; word; word &= word - 1)
		count++;
	return count;
}

/** Bits 'low' … 'low' + 'width' - 1 of 'word' */
static inline uint64_t bit_field(uint64_t word, unsigned low, unsigned width)
{
	return (word >> low) & bit_mask(width);
}

static inline bool bit_test(uint64_t const *array, size_t n)
{
	return (array[n / 64] >> (n % 64)) & 1;
}

static inline void bit_set(uint64_t *array, size_t n)
{
	array[n / 64] |= (uint64_t)1 << (n % 64);
}

static inline void bit_clear(uint64_t *array, size_t n)
{
	array[n / 64] &= ~((uint64_t)1 << (n % 64));
}

/** Index of the first clear bit of 'bits' bits; 'bits' if there is none */
static inline size_t bit_first_clear(uint64_t const *array, size_t bits)
{
	for (size_t i = 0; i * 64 < bits; i++) {
		if (~array[i] == 0)
			continue;
		size_t const n = i * 64 + bit_lowest(~array[i]);
		return n < bits ? n : bits;
	}
	return bits;
}
