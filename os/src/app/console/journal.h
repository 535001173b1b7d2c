/* SPDX-License-Identifier: MIT */
/**
 * Journal: the LOG service for the subsystems, and what they wrote last
 *
 * A component cannot lie about its name: labels are made by its parents.
 */
#pragma once

#include <base/env.h>

enum { JOURNAL_LABEL = 48, JOURNAL_TEXT = 112, JOURNAL_LINES = 256 };

struct journal_line {
	uint64_t us;                    /* since the machine started */
	char     label[JOURNAL_LABEL];  /* without the console's own name */
	char     text[JOURNAL_TEXT];    /* cut to fit */
};

/** 'added' runs for each new line; may be NULL. Returns as service_announce */
enum error journal_open(struct env *env,
                        void (*added)(struct journal_line const *)) MUST_USE;

/** Number of lines so far; the last JOURNAL_LINES of them are kept */
uint64_t journal_count(void);

/** Line 'number', counted from 0; NULL: not kept any more, or not yet there */
struct journal_line const *journal_line(uint64_t number);

/** Whether the line is by 'name' or by what is below it; "": all are */
bool journal_by(struct journal_line const *line, char const *name);

/** Lines by 'name' since line 'from' that begin with 'text' */
uint64_t journal_find(char const *name, uint64_t from, char const *text);
