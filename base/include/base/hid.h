/* SPDX-License-Identifier: MIT */
/**
 * Human-inclined data: reading configurations, writing reports
 *
 * Parsing checks the whole text once and fills an array of nodes that the
 * caller provides; nothing is allocated or copied. Nodes stand in the array as
 * in the text, each followed by those below it, and refer to the text, which
 * must stay as it is while they are used. The syntax is in doc/configuration.md.
 *
 * All functions accept a NULL node as one without attributes and sub nodes, and
 * no look-up fails: what is absent or has another form is the default.
 */
#pragma once

#include <base/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HID_DEPTH      = 32,  /* levels of nodes in a document */
	HID_ATTRIBUTES = 64,  /* attributes of a node */
};

/** One node; a cursor into the text */
struct hid
{
	char const *text;         /* its first byte, at '+' or the type */
	uint32_t    size;         /* of the text with all that is below */
	uint32_t    line;         /* where it begins, first line = 1 */
	uint32_t    below;        /* number of nodes below, at any depth */
	uint8_t     type_offset;  /* of the type in the text */
	uint8_t     type_length;
	uint8_t     disabled;     /* by 'x'; no function returns such a node */
	uint8_t     unused;
};
_Static_assert(sizeof(struct hid) == 24, "binary interface");

/** Parsed text; nodes[0] is the top-level node */
struct hid_document
{
	struct hid *nodes;     /* storage, set by the caller before hid_parse */
	uint32_t    capacity;  /* of the storage, in nodes */
	uint32_t    count;     /* used; 0: nothing (valid) was parsed */
};

/** What is wrong, and where */
struct hid_error
{
	uint32_t line;
	char     text[124];    /* "node 'start timer': …" */
};

/**
 * Check and index 'text', of which nothing behind the end marker is looked at
 *
 * CORRUPT: a rule is broken; LIMIT: storage, depth or attributes do not
 * suffice. 'error' (may be NULL) is then filled in, and the document is empty.
 */
enum error hid_parse(struct hid_document *document, char const *text,
                     size_t size, struct hid_error *error) MUST_USE;

/**
 * Same for a session's text: a document of one line without end marker, such as
 * "report | buffer: 4096"
 */
enum error hid_parse_text(struct hid_document *document, char const *text,
                          struct hid_error *error) MUST_USE;

/** Number of nodes that hid_parse needs for 'text' at most */
size_t hid_node_count(char const *text, size_t size);

/** Top-level node; NULL: the document is empty */
static inline struct hid const *hid_top(struct hid_document const *document)
{
	return document->count ? document->nodes : NULL;
}

/**
 * Sub node after 'previous' (NULL: first one) of 'type' (NULL: of any type)
 *
 * NULL: there are no more.
 */
struct hid const *hid_next(struct hid const *parent, struct hid const *previous,
                           char const *type);

/** Same for nodes at any depth below 'top', in the order of the text */
struct hid const *hid_next_below(struct hid const *top,
                                 struct hid const *previous, char const *type);

bool hid_type_equals(struct hid const *node, char const *type);

/** The type as a string; false: 'size' is too small */
bool hid_type(struct hid const *node, char *buffer, size_t size);

/** One attribute; begin with a zeroed one */
struct hid_attribute
{
	char const *tag, *value;  /* without NUL */
	uint32_t    tag_length, value_length;
	uint32_t    line;
	uint32_t    next;         /* where to go on in the node's text */
	uint32_t    child;        /* next sub node to step over */
	uint32_t    unused;
};
_Static_assert(sizeof(struct hid_attribute) == 40, "binary interface");

/** Move on to the next attribute, the name among them; false: no more */
bool hid_attribute_next(struct hid const *node, struct hid_attribute *attribute);

/** Move on to the next line of quoted content; its text is the 'value' */
bool hid_quoted_next(struct hid const *node, struct hid_attribute *line);

/** Find an attribute; false: absent */
bool hid_attribute(struct hid const *node, char const *tag,
                   struct hid_attribute *attribute);

bool hid_has(struct hid const *node, char const *tag);

/** Whether the attribute is there and has that value */
bool hid_equals(struct hid const *node, char const *tag, char const *value);

/** Number: decimal or 0x…, then perhaps K, M or G */
uint64_t hid_uint(struct hid const *node, char const *tag, uint64_t otherwise);

/** yes, true, on; no, false, off */
bool hid_bool(struct hid const *node, char const *tag, bool otherwise);

/** False: absent or too long for 'size'; the buffer is then unchanged */
bool hid_string(struct hid const *node, char const *tag, char *buffer,
                size_t size);

/** Same for the attribute "name" */
bool hid_name(struct hid const *node, char *buffer, size_t size);

/** Copy the quoted content, lines ended by '\n'; returns its whole length */
size_t hid_quoted(struct hid const *node, char *buffer, size_t size);

/** Whether both have the same content: attributes, sub nodes, quoted lines */
bool hid_same(struct hid const *a, struct hid const *b);

/**
 * Check 'node' against a schema: nodes, attributes, their types and ranges
 *
 * 'schema' is the top-level node of an .hsd document (doc/configuration.md).
 * INVALID: 'error' says what is wrong with 'node'. CORRUPT: the schema is.
 */
enum error hid_check(struct hid const *node, struct hid const *schema,
                     struct hid_error *error) MUST_USE;

/** Same whatever the type of 'node' */
enum error hid_check_content(struct hid const *node, struct hid const *schema,
                             struct hid_error *error) MUST_USE;

/**
 * Same, where 'former' has passed the check: sub nodes of 'node' that stand there
 * with the same text, in the same order, are not looked at again
 */
enum error hid_check_change(struct hid const *node, struct hid const *former,
                            struct hid const *schema,
                            struct hid_error *error) MUST_USE;

/** Whether both are the same text, byte by byte, and mean the same: quicker than
 *  hid_same */
bool hid_same_text(struct hid const *a, struct hid const *b);

/**
 * Writer: nodes and attributes in the order of the calls
 *
 * No call fails midway; hid_finish tells whether all of it was good. Bytes that
 * a value cannot have ('|', control characters, broken UTF-8) become '?'; blanks
 * around a value are lost.
 */
struct hid_writer
{
	char    *buffer;
	size_t   size;
	size_t   length;     /* also what did not fit is counted */
	uint32_t depth;      /* open nodes */
	uint8_t  broken;     /* bad type or tag, begin and end do not match */
	uint8_t  state;
	uint8_t  unused[2];
};
_Static_assert(sizeof(struct hid_writer) == 32, "binary interface");

void hid_writer_init(struct hid_writer *writer, char *buffer, size_t size);

/** Open a node below the open one; the first is the top-level node */
void hid_begin(struct hid_writer *writer, char const *type);

/** Close the node that was opened last */
void hid_end(struct hid_writer *writer);

void hid_put_string(struct hid_writer *writer, char const *tag,
                    char const *value);
void hid_put_uint(struct hid_writer *writer, char const *tag, uint64_t value);
void hid_put_hex(struct hid_writer *writer, char const *tag, uint64_t value);
void hid_put_bool(struct hid_writer *writer, char const *tag, bool value);

/** Number of bytes in the largest unit that keeps it exact: 4096 = "4K" */
void hid_put_size(struct hid_writer *writer, char const *tag, uint64_t value);

/** Attribute "name", which stands beside the type if it is put first */
void hid_put_name(struct hid_writer *writer, char const *name);

/** Quoted content: each line of 'text' becomes one; a last '\n' ends a line */
void hid_put_quoted(struct hid_writer *writer, char const *text, size_t length);

/** All of 'node' as a sub node (or as top-level node) */
void hid_put_node(struct hid_writer *writer, struct hid const *node);

/** Attributes, quoted lines and sub nodes of 'node' into the open node */
void hid_put_content(struct hid_writer *writer, struct hid const *node);

/**
 * Write the end marker; 'length' is that of the document (no NUL is counted,
 * there is one if it fits)
 *
 * LIMIT: the buffer is too small, 'length' would suffice. INVALID: wrong use.
 */
enum error hid_finish(struct hid_writer *writer, size_t *length) MUST_USE;
