/* SPDX-License-Identifier: MIT */
/**
 * Blocks of memory
 *
 * String instructions move 8 bytes at a time: no SSE is needed, they are fast
 * on processors with "fast strings" and tolerable in emulators, and the compiler
 * cannot turn them into a call of the very function that they are in.
 */

/* public */
#include <util/string.h>

void *memcpy(void *restrict to, void const *restrict from, size_t size)
{
	void *d = to;
	void const *s = from;
	size_t words = size / 8, bytes = size % 8;
	__asm__ volatile ("rep movsq" : "+D"(d), "+S"(s), "+c"(words) :: "memory");
	__asm__ volatile ("rep movsb" : "+D"(d), "+S"(s), "+c"(bytes) :: "memory");
	return to;
}

static void copy_backwards(char *to, char const *from, size_t size)
{
	to += size - 1;
	from += size - 1;
	__asm__ volatile ("std; rep movsb; cld"
	                  : "+D"(to), "+S"(from), "+c"(size) :: "memory", "cc");
}

void *memmove(void *to, void const *from, size_t size)
{
	if ((uintptr_t)to - (uintptr_t)from >= size)
		return memcpy(to, from, size);
	copy_backwards(to, from, size);
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	void *d = to;
	uint64_t const pattern = (unsigned char)byte * 0x0101010101010101u;
	size_t words = size / 8, bytes = size % 8;
	__asm__ volatile ("rep stosq"
	                  : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile ("rep stosb"
	                  : "+D"(d), "+c"(bytes) : "a"(pattern) : "memory");
	return to;
}

static uint64_t word_at(unsigned char const *at)
{
	uint64_t word;
	__builtin_memcpy(&word, at, sizeof word);   /* a load */
	return word;
}

int memcmp(void const *a, void const *b, size_t size)
{
	unsigned char const *const x = a, *const y = b;
	size_t i = 0;
	while (size - i >= 8 && word_at(x + i) == word_at(y + i))
		i += 8;
	if (size >= 8 && size - i < 8
	 && word_at(x + size - 8) == word_at(y + size - 8))
		return 0;
	for (; i < size; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

void *memchr(void const *block, int byte, size_t size)
{
	unsigned char const *const b = block;
	for (size_t i = 0; i < size; i++)
		if (b[i] == (unsigned char)byte)
			return (void *)((uintptr_t)block + i);
	return NULL;
}
