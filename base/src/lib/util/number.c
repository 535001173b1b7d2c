/* SPDX-License-Identifier: MIT */
/* Numbers in text */

#include <util/string.h>

/** Value of a digit; 255: none */
static unsigned digit(char c)
{
	if (c >= '0' && c <= '9') return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F') return (unsigned)(c - 'A') + 10;
	return 255;
}

/** Binary exponent of a unit's letter; 0: none */
static unsigned unit(char c)
{
	return c == 'K' ? 10 : c == 'M' ? 20 : c == 'G' ? 30 : 0;
}

bool string_number(char const *text, size_t length, uint64_t *value)
{
	bool const hex = length > 2 && text[0] == '0' && text[1] == 'x';
	unsigned const base = hex ? 16 : 10;
	size_t i = hex ? 2 : 0;
	size_t const start = i;
	uint64_t sum = 0;

	for (; i < length && digit(text[i]) < base; i++)
		if (__builtin_mul_overflow(sum, base, &sum)
		 || __builtin_add_overflow(sum, digit(text[i]), &sum))
			return false;
	if (i == start)
		return false;

	if (i + 1 == length && unit(text[i])) {
		unsigned const shift = unit(text[i++]);
		if (sum >> (64 - shift))
			return false;
		sum <<= shift;
	}
	if (i != length)
		return false;
	*value = sum;
	return true;
}
