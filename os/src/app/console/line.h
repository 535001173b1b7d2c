/* SPDX-License-Identifier: MIT */
/** Line: what is typed, with backspace, ^U, ^C and a history; it only computes */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { LINE_TEXT = 96, LINE_HISTORY = 8 };

enum line_result { LINE_EDITED, LINE_ENTERED, LINE_CANCELLED };

/** Zeroed memory is an empty line */
struct line {
	char     text[LINE_TEXT];
	size_t   length;
	char     history[LINE_HISTORY][LINE_TEXT];
	unsigned stored;     /* lines stored so far */
	unsigned back;       /* how far back in the history the user is */
	unsigned escape;     /* bytes of an escape sequence that came */
};

/**
 * Take a character
 *
 * EDITED: show 'text' again if 'redraw', else 'echo' (0: nothing) suffices.
 * ENTERED: 'text' is complete; line_clear before the next. CANCELLED: by ^C.
 */
enum line_result line_key(struct line *line, char key, char *echo, bool *redraw);

/** Begin a new line; a complete one goes into the history */
void line_clear(struct line *line, bool complete);
