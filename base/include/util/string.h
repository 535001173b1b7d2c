/* SPDX-License-Identifier: MIT */
/**
 * Memory blocks and strings, all bounded
 *
 * The mem* and str* functions are those of the C standard; the compiler calls
 * some of them by itself. What writes a string takes the buffer's size and
 * always leaves a NUL, and says whether everything fitted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void  *memcpy(void *restrict to, void const *restrict from, size_t size);
void  *memmove(void *to, void const *from, size_t size);
void  *memset(void *to, int byte, size_t size);
int    memcmp(void const *a, void const *b, size_t size);
void  *memchr(void const *block, int byte, size_t size);
size_t strlen(char const *string);
size_t strnlen(char const *string, size_t size);
int    strcmp(char const *a, char const *b);
int    strncmp(char const *a, char const *b, size_t size);
char  *strchr(char const *string, int c);
char  *strrchr(char const *string, int c);

bool string_equal(char const *a, char const *b);
bool string_starts(char const *string, char const *prefix);
bool string_ends(char const *string, char const *suffix);

/** Copy 'from' to 'to'. False: truncated; nothing is written if 'size' is 0 */
bool string_copy(char *to, size_t size, char const *from);

/** Copy at most 'length' bytes of 'from', which need not end with a NUL */
bool string_copy_part(char *to, size_t size, char const *from, size_t length);

/** Append 'from' to the string in 'to' */
bool string_append(char *to, size_t size, char const *from);

/**
 * Read the whole of 'text' as a number: decimal or 0x…, then perhaps K, M, G
 *
 * False: empty, another character, or more than 64 bits; 'value' is unchanged.
 */
bool string_number(char const *text, size_t length, uint64_t *value);
