/* SPDX-License-Identifier: MIT */
/* Table */

/* public */
#include <util/format.h>
#include <util/string.h>

/* local */
#include "journal.h"
#include "screen.h"
#include "table.h"
#include "usage.h"

char const *table_size(char text[12], uint64_t bytes)
{
	uint64_t const kib = bytes >> 10;
	if (kib < 1024)
		format_text(text, 12, "%luK", kib);
	else
		format_text(text, 12, "%lu.%luM", kib >> 10,
		            (kib & 1023) * 10 >> 10);
	return text;
}

/** What is behind the last arrow */
static char const *last_part(char const *path)
{
	char const *last = path;
	for (; *path; path++)
		if (string_starts(path, " -> "))
			last = path + 4;
	return last;
}

static void end_line(bool live)
{
	screen_put(live ? "\033[K\n" : "\n");
}

static void print_row(struct usage const *row, unsigned depth)
{
	char name[USAGE_PATH], used[12], limit[12], ram[24], caps[24];
	bool const off = string_equal(row->state, "off");
	bool const bad = string_equal(row->state, "faulted")
	                 || string_equal(row->state, "failed");

	format_text(name, sizeof name, "%*s%s", (int)(2 * depth), "",
	            last_part(row->path));
	screen_print("%-22s %s%-8s%s", name, bad ? SCREEN_RED : "", row->state,
	             bad ? SCREEN_PLAIN : "");
	if (off)
		return;
	format_text(ram, sizeof ram, "%s/%s", table_size(used, row->ram_used),
	            table_size(limit, row->ram_limit));
	format_text(caps, sizeof caps, "%lu/%lu", row->caps_used,
	            row->caps_limit);
	screen_print(" %14s %10s %6lu.%lu s %3u.%u %%", ram, caps,
	             row->cpu_us / 1000000, row->cpu_us / 100000 % 10,
	             row->share / 10, row->share % 10);
}

void table_print(bool live)
{
	unsigned n;
	struct usage const *const rows = usage_read(&n);
	if (live)
		screen_put(SCREEN_HOME);
	screen_put(SCREEN_BOLD);
	screen_print("%-22s %-8s %14s %10s %10s %7s", "component", "state",
	             "RAM used/limit", "caps", "CPU time", "share");
	screen_put(SCREEN_PLAIN);
	end_line(live);
	for (unsigned i = 0; i < n; i++) {
		print_row(&rows[i], i ? usage_depth(rows[i].path) : 0);
		end_line(live);
	}
}

void table_log_line(struct journal_line const *line, bool live)
{
	enum { COLUMNS = 80 };
	char text[COLUMNS * 3];
	format_text(text, live ? COLUMNS : sizeof text,
	            "%5lu.%03lu [%s] %s", line->us / 1000000,
	            line->us / 1000 % 1000, line->label, line->text);
	screen_put(text);
	end_line(live);
}

void table_log(char const *name, unsigned n, bool live)
{
	uint64_t const end = journal_count();
	uint64_t first = end;
	/* go back to the first line to be shown */
	for (unsigned found = 0; first && found < n; first--) {
		struct journal_line const *const line = journal_line(first - 1);
		if (!line)
			break;
		found += journal_by(line, name);
	}
	for (; first < end; first++)
		if (journal_by(journal_line(first), name))
			table_log_line(journal_line(first), live);
}
