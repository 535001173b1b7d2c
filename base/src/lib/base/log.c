/* SPDX-License-Identifier: MIT */
/* Log messages: one line, one RPC */

/* public */
#include <base/log.h>
#include <session/log.h>
#include <util/format.h>
#include <util/string.h>

/* internal */
#include <base/internal/base_state.h>

static void print(char const *prefix, char const *format, va_list arguments)
{
	char text[LOG_TEXT];
	size_t const start = strlen(prefix);
	memcpy(text, prefix, start);
	size_t length = start + format_print(text + start, sizeof text - 1 - start,
	                                     format, arguments);
	if (length > sizeof text - 2)
		length = sizeof text - 2;
	/* a string from elsewhere must not look like another line */
	for (size_t i = start; i < length; i++)
		if (text[i] == '\n')
			text[i] = '?';
	text[length]     = '\n';
	text[length + 1] = 0;
	error_ignore(log_write(base_state.log, text), "there is no other log");
}

void log_info(char const *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print("", format, arguments);
	va_end(arguments);
}

void log_warning(char const *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print("warning: ", format, arguments);
	va_end(arguments);
}

void log_error(char const *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print("error: ", format, arguments);
	va_end(arguments);
}
