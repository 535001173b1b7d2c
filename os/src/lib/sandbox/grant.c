/* SPDX-License-Identifier: MIT */

/* public */
#include <util/format.h>
#include <util/minmax.h>
#include <util/string.h>

/* local */
#include "grant.h"

enum { PORTS = 0x10000 };

static struct { char const *node, *service; } const kinds[] = {
	[GRANT_IO_PORT] = { "io_port", "IO_PORT" },
	[GRANT_IO_MEM]  = { "io_mem",  "IO_MEM" },
	[GRANT_IRQ]     = { "irq",     "IRQ" },
	[GRANT_TEXT]    = { "session", NULL },
};

char const *grant_service(enum grant_kind kind)
{
	return kinds[kind].service;
}

bool grant_needed(char const *service)
{
	for (unsigned i = 0; i < GRANT_TEXT; i++)
		if (string_equal(kinds[i].service, service))
			return true;
	return false;
}

bool grant_kind_of(struct hid const *node, enum grant_kind *kind)
{
	for (unsigned i = 0; i < array_length(kinds); i++)
		if (hid_type_equals(node, kinds[i].node)) {
			*kind = (enum grant_kind)i;
			return true;
		}
	return false;
}

/* -- reading -- */

static char const *read_range(struct grant *g, struct hid const *node,
                              uint64_t end)
{
	g->base = hid_uint(node, "base", 0);
	g->size = hid_uint(node, "size", 0);
	if (hid_has(node, "base") != hid_has(node, "size"))
		return "has a base without size, or a size without base";
	if (g->base > end || g->size > end - g->base)
		return "goes beyond the last address";
	return NULL;
}

static char const *read_irq(struct grant *g, struct hid const *node, char **pool)
{
	struct hid_attribute trigger;
	g->fixed = hid_has(node, "gsi");
	g->base  = hid_uint(node, "gsi", 0);
	if (g->base > UINT32_MAX)
		return "has no such GSI";
	if (g->fixed && hid_equals(node, "trigger", "msi"))
		return "is message-signalled and has no GSI";
	if (!hid_attribute(node, "trigger", &trigger))
		return NULL;
	g->text = *pool;
	string_copy_part(*pool, trigger.value_length + 1, trigger.value,
	                 trigger.value_length);
	*pool += trigger.value_length + 1;
	return NULL;
}

/** "session | tag: value | …" */
static char const *read_text(struct grant *g, struct hid const *node, char **pool)
{
	struct hid_attribute a = { 0 };
	size_t const room = node->size + GRANT_EXTRA;
	size_t length = format_text(*pool, room, "session");
	while (hid_attribute_next(node, &a))
		length += format_text(*pool + length, room - length,
		                      " | %.*s: %.*s", (int)a.tag_length, a.tag,
		                      (int)a.value_length, a.value);
	if (length >= SESSION_ARGS)
		return "is too long for a session's text";
	g->text = *pool;
	*pool += length + 1;
	return NULL;
}

char const *grant_read(struct grant *g, struct hid const *node, char **pool)
{
	*g = (struct grant) { 0 };
	grant_kind_of(node, &g->kind);
	switch (g->kind) {
	case GRANT_IO_PORT: return read_range(g, node, PORTS);
	case GRANT_IO_MEM:  return read_range(g, node, 1ul << 52);
	case GRANT_IRQ:     return read_irq(g, node, pool);
	case GRANT_TEXT:    return read_text(g, node, pool);
	}
	return NULL;
}

/* -- use -- */

/** The client's range, or all of the grant's if it names none; false: outside */
static bool range_within(struct grant const *g, struct hid const *asked,
                         uint64_t *base, uint64_t *size)
{
	*base = hid_uint(asked, "base", g->base);
	*size = hid_uint(asked, "size", g->size);
	return *size && (!g->size || (*base >= g->base && *size <= g->size
	       && *base - g->base <= g->size - *size));
}

static bool ports(struct grant const *g, struct hid const *asked,
                  char text[SESSION_ARGS])
{
	uint64_t base, size;
	if (!range_within(g, asked, &base, &size))
		return false;
	format_text(text, SESSION_ARGS, "io_port | base: 0x%lx | size: 0x%lx",
	            base, size);
	return true;
}

static bool memory(struct grant const *g, struct hid const *asked,
                   char text[SESSION_ARGS])
{
	uint64_t base, size;
	if (!range_within(g, asked, &base, &size))
		return false;
	format_text(text, SESSION_ARGS, "io_mem | base: 0x%lx | size: 0x%lx%s",
	            base, size, hid_bool(asked, "write_combined", false)
	            ? " | write_combined: yes" : "");
	return true;
}

/** An interrupt has either a GSI or is message-signalled */
static bool interrupt(struct grant const *g, struct hid const *asked,
                      char text[SESSION_ARGS])
{
	char trigger[16] = "edge";
	bool const named = hid_string(asked, "trigger", trigger, sizeof trigger);
	if (g->text) {
		if (named && !string_equal(trigger, g->text))
			return false;
		string_copy(trigger, sizeof trigger, g->text);
	}
	if (string_equal(trigger, "msi")) {
		format_text(text, SESSION_ARGS, "irq | trigger: msi");
		return !g->fixed;
	}
	uint64_t const gsi = hid_uint(asked, "gsi",
	                              g->fixed ? g->base : UINT64_MAX);
	if (gsi > UINT32_MAX || (g->fixed && gsi != g->base))
		return false;
	format_text(text, SESSION_ARGS, "irq | gsi: %lu | trigger: %s", gsi,
	            trigger);
	return true;
}

bool grant_text(struct grant const *g, char const *asked,
                char text[SESSION_ARGS])
{
	struct hid nodes[2];
	struct hid_document document = { .nodes = nodes, .capacity = 2 };
	if (g->kind == GRANT_TEXT)
		return string_copy(text, SESSION_ARGS, g->text);
	if (*asked && hid_parse_text(&document, asked, NULL))
		return false;
	struct hid const *const top = hid_top(&document);
	switch (g->kind) {
	case GRANT_IO_PORT: return ports(g, top, text);
	case GRANT_IO_MEM:  return memory(g, top, text);
	case GRANT_IRQ:     return interrupt(g, top, text);
	case GRANT_TEXT:    break;
	}
	return false;
}
