/* SPDX-License-Identifier: MIT */
/**
 * Output: a ring, which a thread of its own carries to the kernel's console
 *
 * Writing costs a copy. The drainer wakes up a millisecond later and writes in
 * bursts, until a component takes the serial port; then the ring is all there
 * is. It is offered as ROM module "core_log" (form: memory/ring.h).
 */
#pragma once

#include <base/cap.h>
#include <base/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_RING = 128 * 1024 };

/** Create the ring; writing works from then on. Returns NO_RAM */
enum error log_init(void) MUST_USE;

/** Start the drainer. Returns NO_RAM */
enum error log_start(void) MUST_USE;

/**
 * Append 'c' to the 'length' characters of a line
 *
 * Control characters could play tricks with a terminal, or forge a line: they
 * become question marks, those of C1 (U+0080 to U+009F in UTF-8) two.
 */
static inline void log_put_harmless(char *line, size_t length, char c)
{
	line[length] = c;
	if (c >= ' ' && c < 0x7f)
		return;                 /* most often */
	bool const c1 = length && line[length - 1] == (char)0xc2
	             && (uint8_t)c >= 0x80 && (uint8_t)c < 0xa0;
	if (c1)
		line[length - 1] = '?';
	if (c1 || (c >= 0 && c != '\t'))
		line[length] = '?';
}

/** Append text as it is */
void log_append(char const *text, size_t length);

/** Write all of it now: when core cannot go on */
void log_flush(void);

/** A component has the serial port now */
void log_give_away(void);

/** The drainer; 0: not started */
cap_t log_thread(void);

uint64_t log_phys(void);
