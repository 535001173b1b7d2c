/* SPDX-License-Identifier: MIT */
/**
 * Items of human-inclined data, one after the other
 *
 * The scanner knows lines, columns and what an item looks like, but not what
 * belongs to what. Each byte is looked at once. Text that hid_parse accepted is
 * scanned again, from any item on, whenever an attribute is looked up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hid_kind { HID_NODE, HID_ATTRIBUTE, HID_QUOTED, HID_COMMENT, HID_END };

struct hid_item
{
	enum hid_kind kind;
	bool          disabled;       /* node behind 'x' */
	uint32_t      line, column;
	char const   *start;          /* first byte of the item */
	char const   *tag;            /* type of a node, tag of an attribute */
	size_t        tag_length;
	char const   *value;          /* trimmed; of a node: what follows the type */
	size_t        value_length;
};

struct hid_scan
{
	char const *at, *end;
	uint32_t    line, column;
	bool        line_start;       /* only decoration on this line so far */
	bool        type_first;       /* a node's type follows, without '+' */
	bool        open_end;         /* the text's end is as good as the marker */
	bool        bad_glyph;        /* a byte that no value can have was found */
	char const *error;            /* NULL: none; static storage */
};

/** Next item; false: end of the text or error (only if the marker is missing) */
bool hid_scan_next(struct hid_scan *scan, struct hid_item *item);

/** Length of the printable UTF-8 character at 'text'; 0: it is none */
size_t hid_glyph(char const *text, char const *end);

/** Length of the type or tag at 'text'; 0: it is none */
size_t hid_word(char const *text, char const *end);

/** Split "tag: value"; false: 'text' has another form */
bool hid_split(char const *text, size_t length, struct hid_item *item);
