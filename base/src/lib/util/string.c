/* SPDX-License-Identifier: MIT */
/** Strings and numbers in text; blocks of memory are in memory.c */

/* public */
#include <util/string.h>

size_t strlen(char const *string)
{
	size_t n = 0;
	while (string[n])
		n++;
	return n;
}

size_t strnlen(char const *string, size_t size)
{
	size_t n = 0;
	while (n < size && string[n])
		n++;
	return n;
}

int strcmp(char const *a, char const *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int strncmp(char const *a, char const *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (a[i] != b[i])
			return (unsigned char)a[i] < (unsigned char)b[i] ? -1 : 1;
		if (!a[i])
			break;
	}
	return 0;
}

char *strchr(char const *string, int c)
{
	for (;; string++) {
		if (*string == (char)c)
			return (char *)(uintptr_t)string;
		if (!*string)
			return NULL;
	}
}

char *strrchr(char const *string, int c)
{
	char const *found = NULL;
	for (;; string++) {
		if (*string == (char)c)
			found = string;
		if (!*string)
			return (char *)(uintptr_t)found;
	}
}

bool string_equal(char const *a, char const *b)
{
	return strcmp(a, b) == 0;
}

bool string_starts(char const *string, char const *prefix)
{
	return strncmp(string, prefix, strlen(prefix)) == 0;
}

bool string_ends(char const *string, char const *suffix)
{
	size_t const length = strlen(string), tail = strlen(suffix);
	return tail <= length && string_equal(string + length - tail, suffix);
}

bool string_copy_part(char *to, size_t size, char const *from, size_t length)
{
	size_t n = 0;
	if (!size)
		return false;
	for (; n < length && from[n]; n++) {
		if (n + 1 == size) {
			to[n] = 0;
			return false;
		}
		to[n] = from[n];
	}
	to[n] = 0;
	return true;
}

bool string_copy(char *to, size_t size, char const *from)
{
	return string_copy_part(to, size, from, SIZE_MAX);
}

bool string_append(char *to, size_t size, char const *from)
{
	size_t const length = strnlen(to, size);
	return string_copy(to + length, size - length, from);
}
