/* SPDX-License-Identifier: MIT */
/**
 * Fuzzing: a document that is accepted can be walked, and comes back the same
 * after having been written; the same bytes serve as a schema for it
 */

#include <base/hid.h>
#include <stdlib.h>
#include <util/string.h>

enum { NODES = 2000 };

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void demand(bool condition)
{
	if (!condition)
		abort();
}

static size_t write_out(struct hid const *top, char *buffer, size_t size)
{
	struct hid_writer w;
	size_t length;
	hid_writer_init(&w, buffer, size);
	hid_put_node(&w, top);
	demand(hid_finish(&w, &length) == ERROR_OK);
	return length;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct hid nodes[NODES], again[NODES];
	static char first[1 << 20], second[1 << 20];
	struct hid_document d = { .nodes = nodes, .capacity = NODES };
	struct hid_document e = { .nodes = again, .capacity = NODES };
	struct hid_error error = { 0 };

	if (hid_parse(&d, (char const *)data, size, &error)) {
		demand(error.line && !hid_top(&d));
		return 0;
	}
	demand(d.count <= hid_node_count((char const *)data, size));

	size_t const length = write_out(hid_top(&d), first, sizeof first);
	demand(hid_parse(&e, first, length, &error) == ERROR_OK);
	demand(length == write_out(hid_top(&e), second, sizeof second));
	demand(memcmp(first, second, length) == 0);

	for (struct hid const *n = NULL; (n = hid_next_below(hid_top(&d), n, NULL));)
		demand(hid_uint(n, "no-such", 7) == 7);
	error_ignore(hid_check(hid_top(&d), hid_top(&d), &error), "no crash");
	return 0;
}
