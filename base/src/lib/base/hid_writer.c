/* SPDX-License-Identifier: MIT */
/**
 * Human-inclined data: writer
 *
 * A node's attributes stand on its line as long as nothing else came in
 * between, and on lines of their own afterwards.
 */

/* public */
#include <base/hid.h>
#include <util/format.h>
#include <util/string.h>

/* local */
#include "hid_scan.h"

/** What the next thing is written behind */
enum {
	TYPE,   /* the open node's type */
	LINE,   /* the open node's line */
	OTHER,  /* something that belongs below the open node */
};

static void put(struct hid_writer *w, char c)
{
	if (w->length < w->size)
		w->buffer[w->length] = c;
	w->length++;
}

static void put_block(struct hid_writer *w, char const *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		put(w, text[i]);
}

/** Text of a value or a quoted line, with '?' for what must not be there */
static void put_clean(struct hid_writer *w, char const *text, size_t length,
                      char allowed, char refused)
{
	char const *const end = text + length;
	while (text < end) {
		size_t const glyph = hid_glyph(text, end);
		if (*text == allowed)
			put(w, *text++);
		else if (!glyph || *text == refused)
			put(w, '?'), text++;
		else
			put_block(w, text, glyph), text += glyph;
	}
}

/** Begin a line for what belongs to the open node */
static void new_line(struct hid_writer *w)
{
	put(w, '\n');
	for (uint32_t i = 1; i < w->depth; i++)
		put_block(w, "  ", 2);
}

static void check_word(struct hid_writer *w, char const *word, size_t length)
{
	w->broken |= !length || hid_word(word, word + length) != length;
}

void hid_writer_init(struct hid_writer *w, char *buffer, size_t size)
{
	*w = (struct hid_writer) { .buffer = buffer, .size = size };
}

static void begin(struct hid_writer *w, char const *type, size_t length)
{
	check_word(w, type, length);
	if (w->depth) {
		new_line(w);
		put_block(w, "+ ", 2);
	} else {
		w->broken |= w->length != 0;
	}
	put_block(w, type, length);
	w->broken |= ++w->depth > HID_DEPTH;
	w->state = TYPE;
}

void hid_begin(struct hid_writer *w, char const *type)
{
	begin(w, type, strlen(type));
}

void hid_end(struct hid_writer *w)
{
	if (w->depth)
		w->depth--;
	else
		w->broken = true;
	w->state = OTHER;
}

static void put_attribute(struct hid_writer *w, char const *tag,
                          size_t tag_length, char const *value, size_t length)
{
	struct hid_item item;
	bool const name = tag_length == 4 && memcmp(tag, "name", 4) == 0;
	for (; length && *value == ' '; length--)
		value++;
	while (length && value[length - 1] == ' ')
		length--;

	check_word(w, tag, tag_length);
	w->broken |= !w->depth;
	if (w->state != TYPE || !name || !length
	 || hid_split(value, length, &item)) {
		if (w->state == OTHER)
			new_line(w);
		else
			put_block(w, " | ", 3);
		put_block(w, tag, tag_length);
		put(w, ':');
	}
	if (length)
		put(w, ' ');
	put_clean(w, value, length, 0x20, '|');
	if (w->state == TYPE)
		w->state = LINE;
}

void hid_put_string(struct hid_writer *w, char const *tag, char const *value)
{
	put_attribute(w, tag, strlen(tag), value, strlen(value));
}

void hid_put_name(struct hid_writer *w, char const *name)
{
	hid_put_string(w, "name", name);
}

void hid_put_uint(struct hid_writer *w, char const *tag, uint64_t value)
{
	char text[24];
	format_text(text, sizeof text, "%lu", value);
	hid_put_string(w, tag, text);
}

void hid_put_hex(struct hid_writer *w, char const *tag, uint64_t value)
{
	char text[24];
	format_text(text, sizeof text, "0x%lx", value);
	hid_put_string(w, tag, text);
}

void hid_put_bool(struct hid_writer *w, char const *tag, bool value)
{
	hid_put_string(w, tag, value ? "yes" : "no");
}

void hid_put_size(struct hid_writer *w, char const *tag, uint64_t value)
{
	static char const units[][2] = { "", "K", "M", "G" };
	char text[24];
	unsigned unit = 0;
	for (; unit < 3 && value && value % 1024 == 0; unit++)
		value /= 1024;
	format_text(text, sizeof text, "%lu%s", value, units[unit]);
	hid_put_string(w, tag, text);
}

void hid_put_quoted(struct hid_writer *w, char const *text, size_t length)
{
	w->broken |= !w->depth;
	for (size_t i = 0; i < length; i++) {
		size_t const start = i;
		while (i < length && text[i] != '\n')
			i++;
		new_line(w);
		put(w, ':');
		if (i > start)
			put(w, ' ');
		put_clean(w, text + start, i - start, '\t', 0);
		w->state = OTHER;
	}
}

void hid_put_content(struct hid_writer *w, struct hid const *node)
{
	struct hid_attribute a = { 0 }, line = { 0 };
	while (hid_attribute_next(node, &a))
		put_attribute(w, a.tag, a.tag_length, a.value, a.value_length);
	while (hid_quoted_next(node, &line))
		hid_put_quoted(w, line.value_length ? line.value : "\n",
		               line.value_length ? line.value_length : 1);
	for (struct hid const *n = NULL; (n = hid_next(node, n, NULL));)
		hid_put_node(w, n);
}

void hid_put_node(struct hid_writer *w, struct hid const *node)
{
	if (!node)
		return;
	begin(w, node->text + node->type_offset, node->type_length);
	hid_put_content(w, node);
	hid_end(w);
}

enum error hid_finish(struct hid_writer *w, size_t *length)
{
	w->broken |= w->depth || !w->length;
	put_block(w, "\n-\n", 3);
	if (w->length < w->size)
		w->buffer[w->length] = 0;
	*length = w->length;
	return w->broken ? ERROR_INVALID
	     : w->length > w->size ? ERROR_LIMIT : ERROR_OK;
}
