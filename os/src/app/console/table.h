/* SPDX-License-Identifier: MIT */
/** Table: the tree of components with their figures, on the screen */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** The tree; 'live' overwrites what is on the screen from its top */
void table_print(bool live);

/** "840K", "1.5M"; at most 12 bytes */
char const *table_size(char text[12], uint64_t bytes);

/** Last 'n' lines of the journal by 'name' ("": all) */
void table_log(char const *name, unsigned n, bool live);

struct journal_line;
void table_log_line(struct journal_line const *line, bool live);
