/* SPDX-License-Identifier: MIT */
/*
 * Screen
 *
 * Text waits in a ring until the terminal takes it. What does not fit any more
 * is lost: a console must not wait for a reader.
 */

/* public */
#include <base/entrypoint.h>
#include <base/log.h>
#include <session/terminal.h>
#include <util/format.h>

/* local */
#include "screen.h"

enum { RING = 65536, LINE = 512 };

static struct terminal_session terminal;
static char     ring[RING];
static uint32_t head, tail;           /* bytes put and taken so far */
static void   (*key_pressed)(char);

/** Hand the terminal what it takes */
static void flush(void)
{
	char text[TERMINAL_CHUNK];
	uint32_t written;
	while (tail != head) {
		uint32_t n = 0;
		while (n < sizeof text - 1 && tail + n != head) {
			text[n] = ring[(tail + n) % RING];
			n++;
		}
		text[n] = 0;
		if (terminal_write(terminal.cap, text, &written) != ERROR_OK)
			return;
		tail += written;
		if (written < n)
			return;
	}
}

static void put(char c)
{
	if (head - tail < RING)
		ring[head++ % RING] = c;
}

void screen_put(char const *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			put('\r');
		put(*text);
	}
	flush();
}

void screen_print(char const *format, ...)
{
	char text[LINE];
	va_list arguments;
	va_start(arguments, format);
	format_print(text, sizeof text, format, arguments);
	va_end(arguments);
	screen_put(text);
}

static void changed(struct signal_handler *handler, uint64_t count)
{
	char text[TERMINAL_CHUNK];
	flush();
	while (terminal_read(terminal.cap, text) == ERROR_OK && text[0])
		for (char const *c = text; *c; c++)
			key_pressed(*c);
}

static struct signal_handler changed_handler = { .handle = changed };

enum error screen_open(struct env *env, void (*key)(char c))
{
	key_pressed = key;
	enum error error = terminal_open(&terminal, env, NULL);
	if (!error) error = signal_handler_open(&changed_handler, env->ep);
	if (!error) error = terminal_changed(terminal.cap, changed_handler.cap);
	return error;
}
