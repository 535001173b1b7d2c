/* SPDX-License-Identifier: MIT */
/**
 * hid-check [<schema>.hsd] <document> - check human-inclined data on the host
 *
 * Without a schema only the syntax is checked. Status: 0 good, 1 bad (one line, "file:line: what"), 2 wrong use.
 */

#include <base/hid.h>
#include <stdio.h>
#include <stdlib.h>

/** Read 'name' as a whole; NULL: impossible, which was said */
static char *read_file(char const *name, size_t *size)
{
	enum { LIMIT = 64 << 20 };
	FILE *const file = fopen(name, "rb");
	char *const text = malloc(LIMIT);
	if (!file || !text) {
		perror(name);
		return NULL;
	}
	*size = fread(text, 1, LIMIT, file);
	fclose(file);
	return text;
}

static int complain(char const *name, struct hid_error const *error)
{
	fprintf(stderr, "%s:%u: %s\n", name, error->line, error->text);
	return 1;
}

/** Top-level node of a file; NULL: there is none, which was said */
static struct hid const *load(char const *name)
{
	struct hid_document document = { 0 };
	struct hid_error error;
	size_t size;
	char *const text = read_file(name, &size);
	if (!text)
		return NULL;
	document.capacity = (uint32_t)hid_node_count(text, size);
	document.nodes = calloc(document.capacity, sizeof(struct hid));
	if (!document.nodes)
		return NULL;
	if (hid_parse(&document, text, size, &error))
		complain(name, &error);
	return hid_top(&document);
}

int main(int argc, char **argv)
{
	struct hid_error error;
	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: hid-check [<schema>.hsd] <document>\n");
		return 2;
	}
	struct hid const *const schema = argc > 2 ? load(argv[1]) : NULL;
	struct hid const *const top = load(argv[argc - 1]);
	if (!top || (argc > 2 && !schema))
		return 1;
	if (schema && hid_check(top, schema, &error) == ERROR_CORRUPT)
		return complain(argv[1], &error);
	if (schema && hid_check(top, schema, &error))
		return complain(argv[argc - 1], &error);
	return 0;
}
