/* SPDX-License-Identifier: MIT */
/*
 * Standard output and error: lines of the log
 *
 * Text is kept until its line ends, or does not fit into one of the log; a line
 * that is too long is continued on the next.
 */

/* public */
#include <base/log.h>
#include <base/thread.h>

/* musl */
#include <errno.h>

/* local */
#include "sys.h"

enum { LINE = 200 };

static struct mutex mutex;
static char         line[LINE + 1];
static size_t       length;

/** Bytes of 'line' without a character of UTF-8 that is incomplete */
static size_t whole(void)
{
	size_t n = length;
	while (n && length - n < 3 && ((unsigned char)line[n - 1] & 0xc0) == 0x80)
		n--;
	unsigned char const lead = n ? (unsigned char)line[n - 1] : 0;
	size_t const follow = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0;
	return follow > length - n ? n - 1 : length;
}

static void put_out(size_t size)
{
	char const kept = line[size];
	line[size] = 0;
	log_info("%s", line);
	line[size] = kept;
	for (size_t i = size; i < length; i++)
		line[i - size] = line[i];
	length -= size;
}

static void put(char c)
{
	if (c == '\n') {
		put_out(length);
		return;
	}
	if (length == LINE) {
		put_out(whole());
	}
	line[length++] = c ? c : '?';
}

long output_write(int fd, void const *text, size_t size)
{
	char const *const from = text;
	if (fd != 1 && fd != 2)
		return -EBADF;
	mutex_lock(&mutex);
	for (size_t i = 0; i < size; i++)
		put(from[i]);
	mutex_unlock(&mutex);
	return (long)size;
}

void output_flush(void)
{
	mutex_lock(&mutex);
	if (length)
		put_out(length);
	mutex_unlock(&mutex);
}
