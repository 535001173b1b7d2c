/* SPDX-License-Identifier: MIT */
/**
 * Log messages: the only service that a component has without asking
 *
 * One line a call, in printf's notation as far as util/format.h has it; a line
 * that is too long is cut. The line's label is put in front by core. Nothing is
 * returned, since nobody could do anything about it.
 */
#pragma once

#include <stdbool.h>

void log_info(char const *format, ...)    __attribute__((format(printf, 1, 2)));
void log_warning(char const *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(char const *format, ...)   __attribute__((format(printf, 1, 2)));

/** Whether to log one more of what others cause as often as they like: the first ten */
static inline bool log_few(unsigned *count)
{
	enum { FEW = 10 };
	return *count < FEW && ++*count;
}
