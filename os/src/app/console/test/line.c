/* SPDX-License-Identifier: MIT */
/** The line editor: what keys make of a line */

#include "line.h"
#include "test.h"
#include <util/string.h>

#define UP   "\033[A"
#define DOWN "\033[B"

static struct line line;

/** Type 'keys'; the result of the last one */
static enum line_result type(char const *keys)
{
	enum line_result result = LINE_EDITED;
	char echo;
	bool redraw;
	for (; *keys; keys++) {
		result = line_key(&line, *keys, &echo, &redraw);
		CHECK(!(echo && redraw));
		CHECK(line.length == strlen(line.text));
		if (result != LINE_EDITED)
			line_clear(&line, result == LINE_ENTERED);
	}
	return result;
}

static bool reads(char const *text) { return string_equal(line.text, text); }

static void editing(void)
{
	line = (struct line) { 0 };
	type("\177\010trex\177e");
	CHECK(reads("tree"));
	type("\025set");
	CHECK(reads("set"));
	CHECK(type("\003") == LINE_CANCELLED && reads(""));
	CHECK(type("a\r") == LINE_ENTERED);
	type("\001\t\200\033[C\033OPx");
	CHECK(reads("x"));
}

static void history(void)
{
	line = (struct line) { 0 };
	type(UP DOWN);
	CHECK(reads(""));
	type("one\rtwo\r\rthree\003" UP);
	CHECK(reads("two"));
	type(UP);
	CHECK(reads("one"));
	type(UP);
	CHECK(reads("one"));
	type(DOWN DOWN);
	CHECK(reads(""));
	for (char key = 'a'; key <= 'z'; key++)
		type((char[]) { key, '\r', 0 });
	for (unsigned i = 0; i < 2 * LINE_HISTORY; i++)
		type(UP);
	CHECK(reads("s"));
}

static void too_long(void)
{
	line = (struct line) { 0 };
	for (unsigned i = 0; i < 3 * LINE_TEXT; i++)
		type("y");
	CHECK(line.length == LINE_TEXT - 1);
	type("\r" UP);
	CHECK(line.length == LINE_TEXT - 1);
}

static void noise(void)
{
	line = (struct line) { 0 };
	for (unsigned i = 0; i < 100000; i++)
		type((char[]) { (char)(1 + test_random(255)), 0 });
	CHECK(line.length < LINE_TEXT);
}

int main(void)
{
	static struct test_case const cases[] = {
		{ "line: editing", editing }, { "line: history", history },
		{ "line: too long", too_long }, { "line: noise", noise },
	};
	return test_run(cases, sizeof cases / sizeof cases[0]);
}
