/* SPDX-License-Identifier: MIT */
/**
 * Human-inclined data: parser and look-ups
 *
 * Invariant of a parsed document: nodes are in the order of the text, a node's
 * 'below' successors are exactly those that belong to it, and scanning its text
 * from type_offset on gives no error, apart from the missing end marker.
 */

/* public */
#include <base/hid.h>
#include <util/format.h>
#include <util/string.h>

/* local */
#include "hid_scan.h"

/** State of hid_parse; the nodes to which an item can still belong are open */
struct parser
{
	struct hid_document *document;
	struct hid_scan      scan;
	struct hid_error    *error;
	uint32_t             depth;
	struct open { struct hid *node; uint32_t column; } open[HID_DEPTH];
};

static bool text_equals(char const *text, size_t length, char const *string)
{
	return strlen(string) == length && memcmp(text, string, length) == 0;
}

/** Write "node 'start timer': what" */
static enum error refuse(struct parser *p, enum error error, char const *what)
{
	struct hid const *const node = p->depth ? p->open[p->depth - 1].node : NULL;
	p->document->count = 0;
	if (!p->error)
		return error;

	struct hid_error *const e = p->error;
	char name[48] = "";
	e->line = p->scan.line;
	if (!node) {
		format_text(e->text, sizeof e->text, "%s", what);
		return error;
	}
	hid_name(node, name, sizeof name);
	format_text(e->text, sizeof e->text, "node '%.*s%s%s': %s",
	            (int)node->type_length, node->text + node->type_offset,
	            *name ? " " : "", name, what);
	return error;
}

/** The item begins here: nodes to which it does not belong are complete */
static enum error close_nodes(struct parser *p, struct hid_item const *item)
{
	while (p->depth > 1) {
		struct open const *const top = &p->open[p->depth - 1];
		if (item->kind != HID_END && item->column > top->column + 1)
			break;
		if (item->column == top->column + 1)
			return refuse(p, ERROR_CORRUPT, "indented by one column, "
			                                "not two");
		top->node->size = (uint32_t)(item->start - top->node->text);
		p->depth--;
	}
	struct hid *const node = p->open[p->depth - 1].node;
	node->size = (uint32_t)(item->start - node->text);
	return ERROR_OK;
}

/** Count the open node's attributes and those with the new one's tag */
static enum error check_attribute(struct parser *p, char const *tag,
                                  size_t length)
{
	struct hid *const node = p->open[p->depth - 1].node;
	struct hid_attribute a = { 0 };
	unsigned count = 0, same = 0;
	node->size = (uint32_t)(p->scan.at - node->text);
	while (hid_attribute_next(node, &a)) {
		count++;
		same += a.tag_length == length && !memcmp(a.tag, tag, length);
	}
	if (same > 1) {
		char what[48];
		format_text(what, sizeof what, "attribute '%.*s' stands twice",
		            (int)length, tag);
		return refuse(p, ERROR_CORRUPT, what);
	}
	return count > HID_ATTRIBUTES
	       ? refuse(p, ERROR_LIMIT, "too many attributes") : ERROR_OK;
}

static enum error open_node(struct parser *p, struct hid_item const *item)
{
	struct hid_document *const d = p->document;
	if (d->count >= d->capacity)
		return refuse(p, ERROR_LIMIT, "too many nodes");
	if (p->depth >= HID_DEPTH)
		return refuse(p, ERROR_LIMIT, "too many levels");

	struct hid *const node = &d->nodes[d->count++];
	*node = (struct hid) {
		.text = item->start, .line = item->line,
		.size = (uint32_t)(p->scan.at - item->start),
		.type_offset = (uint8_t)(item->tag - item->start),
		.type_length = (uint8_t)item->tag_length,
		.disabled = item->disabled,
	};
	for (uint32_t i = 0; i < p->depth; i++)
		p->open[i].node->below++;
	p->open[p->depth++] = (struct open) { node, item->column };
	return ERROR_OK;
}

static enum error take_item(struct parser *p, struct hid_item const *item)
{
	enum error error = ERROR_OK;
	if (item->kind == HID_COMMENT)
		return ERROR_OK;
	if (p->depth)
		error = close_nodes(p, item);
	if (!error && item->kind == HID_NODE)
		error = open_node(p, item);
	if (!error && item->kind == HID_ATTRIBUTE)
		error = check_attribute(p, item->tag, item->tag_length);
	return error;
}

static enum error parse(struct hid_document *document, char const *text,
                        size_t size, bool open_end, struct hid_error *error)
{
	struct parser p = { .document = document, .error = error };
	struct hid_item item = { .kind = HID_NODE };
	enum error result = ERROR_OK;

	document->count = 0;
	p.scan = (struct hid_scan) { .at = text, .end = text + size, .line = 1,
	                             .line_start = true, .type_first = true,
	                             .open_end = open_end };
	if (size > UINT32_MAX)
		return refuse(&p, ERROR_LIMIT, "too large");

	while (!result && item.kind != HID_END) {
		if (!hid_scan_next(&p.scan, &item))
			return refuse(&p, ERROR_CORRUPT, p.scan.error);
		if (!p.depth && item.kind == HID_END)
			return refuse(&p, ERROR_CORRUPT, "empty");
		if (!p.depth && item.column)
			return refuse(&p, ERROR_CORRUPT, "top-level node is indented");
		result = take_item(&p, &item);
	}
	return result;
}

enum error hid_parse(struct hid_document *document, char const *text,
                     size_t size, struct hid_error *error)
{
	return parse(document, text, size, false, error);
}

enum error hid_parse_text(struct hid_document *document, char const *text,
                          struct hid_error *error)
{
	return parse(document, text, strlen(text), true, error);
}

size_t hid_node_count(char const *text, size_t size)
{
	size_t count = 1;
	for (size_t i = 0; i + 1 < size; i++)
		count += (text[i] == '+' || text[i] == 'x') && text[i + 1] == ' ';
	return count;
}

/*
 * Nodes
 */

bool hid_type_equals(struct hid const *node, char const *type)
{
	return node && text_equals(node->text + node->type_offset,
	                           node->type_length, type);
}

bool hid_type(struct hid const *node, char *buffer, size_t size)
{
	if (!node || node->type_length >= size)
		return false;
	return string_copy_part(buffer, size, node->text + node->type_offset,
	                        node->type_length);
}

/** Node that follows 'previous' and what is below it, if 'over', in 'top' */
static struct hid const *successor(struct hid const *top,
                                   struct hid const *previous, bool over,
                                   char const *type)
{
	if (!top)
		return NULL;

	struct hid const *const end = top + 1 + top->below;
	struct hid const *node = !previous ? top + 1
	                       : previous + 1 + (over ? previous->below : 0);
	size_t const length = type ? strlen(type) : 0;
	while (node < end) {
		if (!node->disabled
		 && (!type || (node->type_length == length
		               && !memcmp(node->text + node->type_offset, type,
		                          length))))
			return node;
		node += 1 + (over || node->disabled ? node->below : 0);
	}
	return NULL;
}

struct hid const *hid_next(struct hid const *parent, struct hid const *previous,
                           char const *type)
{
	return successor(parent, previous, true, type);
}

struct hid const *hid_next_below(struct hid const *top,
                                 struct hid const *previous, char const *type)
{
	return successor(top, previous, false, type);
}

/*
 * Attributes
 */

/** What a node's own item says beside the type; false: nothing */
static bool own_attribute(struct hid_item const *node, struct hid_item *item)
{
	if (!node->value_length)
		return false;
	if (hid_split(node->value, node->value_length, item))
		return true;
	item->tag          = "name";
	item->tag_length   = 4;
	item->value        = node->value;
	item->value_length = node->value_length;
	return true;
}

/** Whether nothing but separators stands in front of the next sub node */
static bool adjoining(char const *end, struct hid const *next)
{
	for (; end < next->text; end++)
		if (*end != ' ' && *end != '\n' && *end != '|')
			return false;
	return true;
}

/** Step over the sub node that begins at the scanned item, and those behind it */
static void skip_child(struct hid const *node, struct hid_scan *scan,
                       struct hid_item const *item, uint32_t *child)
{
	struct hid const *n = node + 1 + *child;
	if (*child >= node->below || n->text != item->start)
		return;

	*child += 1 + n->below;
	while (*child < node->below
	       && adjoining(n->text + n->size, node + 1 + *child)) {
		n = node + 1 + *child;
		*child += 1 + n->below;
	}
	scan->at   = n->text;
	scan->line = n->line;
	char const *const end = n->text + n->size;
	if (end == scan->end)
		scan->at = end;             /* nobody asks for the line there */
	for (; scan->at < end; scan->at++)
		scan->line += *scan->at == '\n';
	scan->line_start = true;
}

/** Next attribute or quoted line of 'node' */
static bool next_item(struct hid const *node, struct hid_attribute *a,
                      enum hid_kind kind)
{
	if (!node)
		return false;

	bool const first = a->next == 0;
	struct hid_item item;
	struct hid_scan scan = {
		.at = node->text + (first ? node->type_offset : a->next),
		.end = node->text + node->size, .type_first = first,
		.line = first ? node->line : a->line,
		.column = 1,
	};
	bool found = false;
	while (!found && hid_scan_next(&scan, &item)) {
		found = item.kind == kind;
		if (item.kind != HID_NODE)
			continue;
		if (item.tag == node->text + node->type_offset)
			found = kind == HID_ATTRIBUTE
			        && own_attribute(&item, &item);
		else
			skip_child(node, &scan, &item, &a->child);
	}
	a->next = (uint32_t)(scan.at - node->text);
	a->line = scan.line;
	if (!found)
		return false;
	a->tag          = item.tag;
	a->tag_length   = (uint32_t)item.tag_length;
	a->value        = item.value;
	a->value_length = (uint32_t)item.value_length;
	return true;
}

bool hid_attribute_next(struct hid const *node, struct hid_attribute *attribute)
{
	return next_item(node, attribute, HID_ATTRIBUTE);
}

bool hid_quoted_next(struct hid const *node, struct hid_attribute *line)
{
	return next_item(node, line, HID_QUOTED);
}

/**
 * The name, where it stands beside the type: what most look-ups are for
 *
 * False: it has to be looked for, if there is one.
 */
static bool name_beside(struct hid const *node, struct hid_attribute *a)
{
	char const *const end = node->text + node->size;
	char const *at = node->text + node->type_offset + node->type_length;
	while (at < end && *at == ' ')
		at++;
	char const *const value = at;
	char const *last = at;              /* behind the last byte but blanks */
	for (; at < end && *at != '|' && *at != '\n'; at++) {
		if (*at == ':')
			return false;
		if (*at != ' ')
			last = at + 1;
	}
	*a = (struct hid_attribute) {
		.tag = "name", .tag_length = 4, .value = value,
		.value_length = (uint32_t)(last - value), .line = node->line,
		.next = (uint32_t)(at - node->text) };
	return a->value_length;
}

bool hid_attribute(struct hid const *node, char const *tag,
                   struct hid_attribute *attribute)
{
	if (node && string_equal(tag, "name") && name_beside(node, attribute))
		return true;
	*attribute = (struct hid_attribute) { 0 };
	while (hid_attribute_next(node, attribute))
		if (text_equals(attribute->tag, attribute->tag_length, tag))
			return true;
	return false;
}

bool hid_has(struct hid const *node, char const *tag)
{
	struct hid_attribute a;
	return hid_attribute(node, tag, &a);
}

bool hid_equals(struct hid const *node, char const *tag, char const *value)
{
	struct hid_attribute a;
	return hid_attribute(node, tag, &a)
	       && text_equals(a.value, a.value_length, value);
}

uint64_t hid_uint(struct hid const *node, char const *tag, uint64_t otherwise)
{
	struct hid_attribute a;
	if (hid_attribute(node, tag, &a))
		string_number(a.value, a.value_length, &otherwise);
	return otherwise;
}

bool hid_bool(struct hid const *node, char const *tag, bool otherwise)
{
	static char const *const words[2][3] = {
		{ "no", "false", "off" }, { "yes", "true", "on" } };
	struct hid_attribute a;
	if (!hid_attribute(node, tag, &a))
		return otherwise;
	for (unsigned i = 0; i < 6; i++)
		if (text_equals(a.value, a.value_length, words[i % 2][i / 2]))
			return i % 2;
	return otherwise;
}

bool hid_string(struct hid const *node, char const *tag, char *buffer,
                size_t size)
{
	struct hid_attribute a;
	if (!hid_attribute(node, tag, &a) || a.value_length >= size)
		return false;
	return string_copy_part(buffer, size, a.value, a.value_length);
}

bool hid_name(struct hid const *node, char *buffer, size_t size)
{
	return hid_string(node, "name", buffer, size);
}

size_t hid_quoted(struct hid const *node, char *buffer, size_t size)
{
	struct hid_attribute line = { 0 };
	size_t length = 0;
	while (hid_quoted_next(node, &line)) {
		for (uint32_t i = 0; i <= line.value_length; i++, length++)
			if (length + 1 < size)
				buffer[length] = i < line.value_length
				                 ? line.value[i] : '\n';
	}
	if (size)
		buffer[length < size ? length : size - 1] = 0;
	return length;
}

/** Whether both nodes alone are the same, in the order of their items */
static bool same_items(struct hid const *a, struct hid const *b,
                       enum hid_kind kind)
{
	struct hid_attribute x = { 0 }, y = { 0 };
	for (;;) {
		bool const more = next_item(a, &x, kind);
		if (more != next_item(b, &y, kind))
			return false;
		if (!more)
			return true;
		if (x.value_length != y.value_length
		 || x.tag_length != y.tag_length
		 || memcmp(x.value, y.value, x.value_length) != 0
		 || memcmp(x.tag, y.tag, x.tag_length) != 0)
			return false;
	}
}

static bool same_type(struct hid const *a, struct hid const *b)
{
	return a->type_length == b->type_length && a->disabled == b->disabled
	       && !memcmp(a->text + a->type_offset, b->text + b->type_offset,
	                  a->type_length);
}

bool hid_same(struct hid const *a, struct hid const *b)
{
	if (!a || !b || a->below != b->below)
		return a == b;
	for (uint32_t i = 0; i <= a->below; i++)
		if (a[i].below != b[i].below || !same_type(a + i, b + i)
		 || !same_items(a + i, b + i, HID_ATTRIBUTE)
		 || !same_items(a + i, b + i, HID_QUOTED))
			return false;
	return true;
}
