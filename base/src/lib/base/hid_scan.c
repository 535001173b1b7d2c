/* SPDX-License-Identifier: MIT */
/** Human-inclined data: from text to items */

/* local */
#include "hid_scan.h"

static bool fail(struct hid_scan *scan, char const *error)
{
	scan->error = error;
	return false;
}

/** Bits of the code point, and smallest one, of a sequence of n + 1 bytes */
static uint32_t decode(unsigned char const *text, size_t more, bool *good)
{
	static uint32_t const smallest[] = { 0x20, 0xa0, 0x800, 0x10000 };
	uint32_t code = more ? text[0] & (0x3fu >> more) : text[0];
	*good = true;
	for (size_t i = 1; i <= more; i++) {
		*good &= (text[i] & 0xc0) == 0x80;
		code = code << 6 | (text[i] & 0x3f);
	}
	*good &= code >= smallest[more] && code <= 0x10ffff && code != 0x7f
	         && (code & 0x1ff800) != 0xd800;
	return code;
}

size_t hid_glyph(char const *text, char const *end)
{
	unsigned char const *const bytes = (unsigned char const *)text;
	bool good = false;
	if (text == end)
		return 0;
	size_t const more = bytes[0] < 0x80           ? 0
	                  : (bytes[0] & 0xe0) == 0xc0 ? 1
	                  : (bytes[0] & 0xf0) == 0xe0 ? 2
	                  : (bytes[0] & 0xf8) == 0xf0 ? 3 : 4;
	if (more < 4 && more < (size_t)(end - text))
		decode(bytes, more, &good);
	return good ? more + 1 : 0;
}

size_t hid_word(char const *text, char const *end)
{
	char const *c = text;
	for (; c < end; c++) {
		bool const letter = *c >= 'a' && *c <= 'z';
		bool const other = (*c >= '0' && *c <= '9') || *c == '_'
		                   || *c == '-';
		if (!letter && !(other && c > text))
			break;
	}
	return (size_t)(c - text);
}

/** Take blanks off both ends */
static void trim(char const **text, size_t *length)
{
	while (*length && **text == ' ') {
		(*text)++;
		(*length)--;
	}
	while (*length && (*text)[*length - 1] == ' ')
		(*length)--;
}

bool hid_split(char const *text, size_t length, struct hid_item *item)
{
	size_t const word = hid_word(text, text + length);
	if (!word || word == length || text[word] != ':')
		return false;
	if (word + 1 < length && text[word + 1] != ' ')
		return false;
	item->tag          = text;
	item->tag_length   = word;
	item->value        = text + word + 1;
	item->value_length = length - word - 1;
	trim(&item->value, &item->value_length);
	return true;
}

/** Whether a blank or the line's end follows 'at' */
static bool blank_follows(struct hid_scan const *scan)
{
	return scan->at + 1 == scan->end || scan->at[1] == ' '
	       || scan->at[1] == '\n';
}

/** Go on to the next item's first byte; false: end of text, or error */
static bool find_item(struct hid_scan *scan)
{
	bool separated = false;
	for (; scan->at < scan->end; scan->at++, scan->column++) {
		bool const bar = *scan->at == '|', line = *scan->at == '\n';
		if ((bar || line) && separated)
			return fail(scan, "no item behind '|'");
		if (bar && !blank_follows(scan))
			return fail(scan, "no blank behind '|'");
		if (line) {
			scan->line++;
			scan->column = UINT32_MAX;  /* 0 after the increment */
			scan->line_start = true;
		} else if (bar && !scan->line_start) {
			separated = true;
		} else if (!bar && *scan->at != ' ') {
			return true;
		}
	}
	return false;
}

/** Go on over printable ASCII but '|', what most text is */
static void skip_plain(struct hid_scan *scan)
{
	char const *c = scan->at;
	while (c < scan->end && *c >= ' ' && *c < '|')
		c++;
	scan->column += (uint32_t)(c - scan->at);
	scan->at = c;
}

/** Length of the text up to the line's end, or to a bar if 'bars' */
static size_t item_length(struct hid_scan *scan, bool bars)
{
	char const *const start = scan->at;
	for (;;) {
		skip_plain(scan);
		if (scan->at == scan->end || *scan->at == '\n')
			break;
		size_t glyph = hid_glyph(scan->at, scan->end);
		if (bars && *scan->at == '|')
			break;
		if (!bars && *scan->at == '\t')
			glyph = 1;
		if (!glyph) {
			scan->bad_glyph = true;
			break;
		}
		scan->at += glyph;
		scan->column++;
	}
	return (size_t)(scan->at - start);
}

static bool node(struct hid_scan *scan, struct hid_item *item, char const *type,
                 size_t length)
{
	size_t const word = hid_word(type, type + length);
	item->kind = HID_NODE;
	if (!word || word > UINT8_MAX || (word < length && type[word] != ' '))
		return fail(scan, "malformed type of a node");
	item->tag          = type;
	item->tag_length   = word;
	item->value        = type + word;
	item->value_length = length - word;
	trim(&item->value, &item->value_length);
	return true;
}

/** Comment or quoted line */
static bool rest_of_line(struct hid_scan *scan, struct hid_item *item)
{
	size_t const length = item_length(scan, false);
	size_t const skip = length > 1 ? 2 : 1;
	item->kind         = *item->start == '.' ? HID_COMMENT : HID_QUOTED;
	item->value        = item->start + skip;
	item->value_length = length - skip;
	return true;
}

/** The item at scan->at, which is no blank */
static bool read_item(struct hid_scan *scan, struct hid_item *item)
{
	char const first = *item->start;
	if ((first == '.' || first == ':') && blank_follows(scan)
	 && !scan->type_first)
		return rest_of_line(scan, item);

	size_t const length = item_length(scan, true);
	bool const bar = scan->at < scan->end && *scan->at == '|';
	if (bar && length && scan->at[-1] != ' ')
		return fail(scan, "no blank in front of '|'");

	if (scan->type_first) {
		scan->type_first = false;
		return node(scan, item, item->start, length);
	}
	if ((first == '+' || first == 'x') && length > 1
	 && item->start[1] == ' ') {
		item->disabled = first == 'x';
		return node(scan, item, item->start + 2, length - 2);
	}
	item->kind = HID_ATTRIBUTE;
	return hid_split(item->start, length, item)
	       || fail(scan, "neither node, attribute, comment nor quoted text");
}

/** Whether the line is the end marker; zeros behind it pad a dataspace */
static bool end_marker(struct hid_scan const *scan)
{
	if (scan->column || *scan->at != '-')
		return false;
	for (char const *c = scan->at + 1; c < scan->end && *c && *c != '\n'; c++)
		if (*c != ' ')
			return false;
	return true;
}

bool hid_scan_next(struct hid_scan *scan, struct hid_item *item)
{
	bool const found = find_item(scan);
	if (scan->error)
		return false;
	if (!found && !scan->open_end)
		return fail(scan, "end marker '-' is missing");

	*item = (struct hid_item) { .line = scan->line, .column = scan->column,
	                            .start = scan->at, .kind = HID_END };
	if (!found || (scan->line_start && !scan->type_first
	               && end_marker(scan)))
		return true;
	bool const good = read_item(scan, item);
	scan->line_start = false;
	if (scan->bad_glyph)
		return fail(scan, *scan->at == '\t' ? "tab" :
		                  "control character or broken UTF-8");
	return good;
}
