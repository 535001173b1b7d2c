/* SPDX-License-Identifier: MIT */
/* Line editor */

/* public */
#include <util/string.h>

/* local */
#include "line.h"

enum { CTRL_C = 3, BACKSPACE = 8, CTRL_U = 21, ESCAPE = 27, DELETE = 127 };

static void recall(struct line *line, unsigned back)
{
	if (back > line->stored || back > LINE_HISTORY)
		return;
	line->back = back;
	line->text[0] = 0;
	if (back)
		string_copy(line->text, sizeof line->text,
		            line->history[(line->stored - back) % LINE_HISTORY]);
	line->length = strlen(line->text);
}

/** Third byte of "ESC [ x": arrows up and down walk through the history */
static bool arrow(struct line *line, char key)
{
	if (key == 'A')
		recall(line, line->back + 1);
	else if (key == 'B' && line->back)
		recall(line, line->back - 1);
	return key == 'A' || key == 'B';
}

enum line_result line_key(struct line *line, char key, char *echo, bool *redraw)
{
	*echo   = 0;
	*redraw = false;
	if (line->escape == 1 && (key == '[' || key == 'O')) {
		line->escape = 2;
		return LINE_EDITED;
	}
	if (line->escape == 2) {
		line->escape = 0;
		*redraw = arrow(line, key);
		return LINE_EDITED;
	}
	line->escape = key == ESCAPE;

	if (key == '\r' || key == '\n')
		return LINE_ENTERED;
	if (key == CTRL_C)
		return LINE_CANCELLED;
	if (key == BACKSPACE || key == DELETE) {
		if (line->length)
			line->text[--line->length] = 0;
		*redraw = true;
	} else if (key == CTRL_U) {
		line->text[line->length = 0] = 0;
		*redraw = true;
	} else if (key >= ' ' && key < DELETE && line->length < LINE_TEXT - 1) {
		line->text[line->length++] = key;
		line->text[line->length]   = 0;
		*echo = key;
	}
	return LINE_EDITED;
}

void line_clear(struct line *line, bool complete)
{
	if (complete && line->length) {
		char *const place = line->history[line->stored % LINE_HISTORY];
		string_copy(place, LINE_TEXT, line->text);
		line->stored++;
	}
	line->text[0] = 0;
	line->length  = 0;
	line->back    = 0;
	line->escape  = 0;
}
