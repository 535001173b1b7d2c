/* SPDX-License-Identifier: MIT */
/**
 * Formatted text into a bounded buffer, in the notation of printf
 *
 * Conversions: %s %c %d %i %u %x %X %p %%, the lengths hh h l ll z j t, the
 * flags '-' and '0', width and precision (also '*'). No floats, no %n. An
 * unknown conversion appears as it stands. %s of NULL is "(null)".
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/**
 * Write at most 'size' bytes with the NUL, which is always there if 'size' > 0
 *
 * Returns the length of the whole text without NUL, as if it had fitted.
 */
size_t format_print(char *buffer, size_t size, char const *format,
                    va_list arguments) __attribute__((format(printf, 3, 0)));

/** Same with the arguments as they are */
size_t format_text(char *buffer, size_t size, char const *format, ...)
	__attribute__((format(printf, 3, 4)));
