/* SPDX-License-Identifier: MIT */
/**
 * hid-check [-c <component>.hsd]... [<schema>.hsd] <document>
 *
 * Check human-inclined data on the host. Without a schema only the syntax is
 * checked. Each -c names the schema of a component: the configurations that
 * start nodes of the document have for it are checked, too.
 * Status: 0 good, 1 bad (one line, "file:line: what"), 2 wrong use.
 */

#include <base/hid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/** Check 'node' of 'document'; 0: good */
static int check(struct hid const *node, struct hid const *schema,
                 char const *document, char const *schema_file)
{
	struct hid_error error;
	enum error const result = hid_check(node, schema, &error);
	if (!result)
		return 0;
	return complain(result == ERROR_CORRUPT ? schema_file : document, &error);
}

/** Whether 'file' is "<folder>/<component>.hsd" for what 'start' starts */
static bool schema_of(char const *file, struct hid const *start)
{
	char name[128];
	if (!hid_string(start, "binary", name, sizeof name - 4)
	 && !hid_name(start, name, sizeof name - 4))
		return false;
	strcat(name, ".hsd");
	char const *const slash = strrchr(file, '/');
	return !strcmp(slash ? slash + 1 : file, name);
}

/** Check the configurations of the component that 'file' is the schema of */
static int check_children(struct hid const *top, char const *file,
                          char const *document)
{
	struct hid const *schema = NULL;
	for (struct hid const *start = NULL;
	     (start = hid_next_below(top, start, "start"));) {
		struct hid const *const config = hid_next(start, NULL, "config");
		if (!config || !schema_of(file, start))
			continue;
		if (!schema && !(schema = load(file)))
			return 1;
		if (check(config, schema, document, file))
			return 1;
	}
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: hid-check [-c <component>.hsd]..."
	        " [<schema>.hsd] <document>\n");
	return 2;
}

int main(int argc, char **argv)
{
	int first = 1;
	while (first + 1 < argc && !strcmp(argv[first], "-c"))
		first += 2;
	if (argc - first < 1 || argc - first > 2)
		return usage();

	char const *const document = argv[argc - 1];
	bool const with_schema = argc - first == 2;
	struct hid const *const schema = with_schema ? load(argv[first]) : NULL;
	struct hid const *const top = load(document);
	if (!top || (with_schema && !schema))
		return 1;
	if (schema && check(top, schema, document, argv[first]))
		return 1;
	for (int i = 2; i < first; i += 2)
		if (check_children(top, argv[i], document))
			return 1;
	return 0;
}
