/* SPDX-License-Identifier: MIT */
/*
 * Journal
 *
 * The lines are kept in a ring of fixed size, which is the console's; a client
 * pays for its session only and cannot make the console grow.
 */

/* public */
#include <base/service.h>
#include <rpc/log.h>
#include <util/container_of.h>
#include <util/string.h>

/* local */
#include "journal.h"

static struct journal_line lines[JOURNAL_LINES];
static uint64_t            count;
static void              (*line_added)(struct journal_line const *);

struct log { struct session_object base; };

/** The label without its first part, which is the console itself */
static char const *below_console(char const *label)
{
	for (char const *c = label; *c; c++)
		if (string_starts(c, " -> "))
			return c + 4;
	return label;
}

static void add(char const *label, char const *text, size_t length)
{
	struct journal_line *const line = &lines[count++ % JOURNAL_LINES];
	line->us = clock_us();
	string_copy(line->label, sizeof line->label, label);
	string_copy_part(line->text, sizeof line->text, text, length);
	/* nobody moves the cursor of our terminal */
	for (char *c = line->text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
	if (line_added)
		line_added(line);
}

static enum error op_write(struct rpc_object *object, char const *text)
{
	char const *const label =
		container_of(object, struct log, base.object)->base.label;
	while (*text) {
		char const *const end = strchr(text, '\n');
		size_t const length = end ? (size_t)(end - text) : strlen(text);
		add(below_console(label), text, length);
		text += length + (end != NULL);
	}
	return ERROR_OK;
}

static struct log_ops const ops = { .write = op_write };

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	log_object_init(&base->object, &ops);
	return ERROR_OK;
}

static struct service service = {
	.name = "LOG", .session_size = sizeof(struct log), .create = create,
};

enum error journal_open(struct env *env,
                        void (*added)(struct journal_line const *))
{
	line_added = added;
	return service_announce(&service, env);
}

uint64_t journal_count(void) { return count; }

struct journal_line const *journal_line(uint64_t number)
{
	if (number >= count || count - number > JOURNAL_LINES)
		return NULL;
	return &lines[number % JOURNAL_LINES];
}

bool journal_by(struct journal_line const *line, char const *name)
{
	size_t const length = strlen(name);
	if (!length)
		return true;
	if (!string_starts(line->label, name))
		return false;
	return !line->label[length] || string_starts(line->label + length, " -> ");
}

uint64_t journal_find(char const *name, uint64_t from, char const *text)
{
	uint64_t found = 0;
	if (count > JOURNAL_LINES && from < count - JOURNAL_LINES)
		from = count - JOURNAL_LINES;
	for (; from < count; from++) {
		struct journal_line const *const line = journal_line(from);
		found += journal_by(line, name) && string_starts(line->text, text);
	}
	return found;
}
