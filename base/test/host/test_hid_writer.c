/* SPDX-License-Identifier: MIT */
/** Writing human-inclined data, and reading back what was written */

#include "test.h"
#include <base/hid.h>
#include <stdio.h>
#include <stdlib.h>
#include <util/minmax.h>
#include <util/string.h>

static struct hid storage[100];
static struct hid_writer w;
static char *buffer;

/** Begin with a buffer of the exact size */
static void start(size_t size)
{
	free(buffer);
	buffer = malloc(size + !size);
	hid_writer_init(&w, buffer, size);
}

static void finish(char const *expected)
{
	size_t length = 0;
	struct hid_document d = { .nodes = storage, .capacity = 100 };
	CHECK(hid_finish(&w, &length) == ERROR_OK);
	CHECK(length == strlen(expected));
	CHECK(memcmp(buffer, expected, length) == 0);
	CHECK(hid_parse(&d, buffer, length, NULL) == ERROR_OK);
	if (memcmp(buffer, expected, min(length, strlen(expected))) != 0)
		printf("%.*s", (int)length, buffer);
}

static void report(void)
{
	hid_begin(&w, "state");
	hid_put_bool(&w, "good", true);
	hid_begin(&w, "child");
	hid_put_name(&w, "timer");
	hid_put_size(&w, "ram", 256 * 1024);
	hid_put_uint(&w, "caps", 20);
	hid_begin(&w, "provides");
	hid_end(&w);
	hid_put_hex(&w, "late", 255);
	hid_end(&w);
	hid_end(&w);
}

static char const report_text[] =
	"state | good: yes\n"
	"+ child timer | ram: 256K | caps: 20\n"
	"  + provides\n"
	"  late: 0xff\n"
	"-\n";

static void plain(void)
{
	start(500);
	report();
	finish(report_text);
}

static void overflow(void)
{
	size_t const size = strlen(report_text);
	for (size_t n = 0; n <= size; n++) {
		size_t length = 0;
		start(n);
		report();
		enum error const error = hid_finish(&w, &length);
		CHECK(error == (n < size ? ERROR_LIMIT : ERROR_OK));
		CHECK(length == size && !memcmp(buffer, report_text, n));
	}
}

static void values(void)
{
	start(500);
	hid_begin(&w, "c");
	hid_put_string(&w, "a", "x|y\n\t\x7f\xff");
	hid_put_string(&w, "b", "  \303\244  ");
	hid_put_string(&w, "c", "");
	hid_begin(&w, "n");
	hid_put_name(&w, "label: x");
	hid_end(&w);
	hid_begin(&w, "n");
	hid_put_name(&w, "");
	hid_put_size(&w, "d", 0);
	hid_put_size(&w, "e", 1025);
	hid_end(&w);
	hid_end(&w);
	finish("c | a: x?y???? | b: \303\244 | c:\n+ n | name: label: x\n"
	       "+ n | name: | d: 0 | e: 1025\n-\n");
}

static void quoted(void)
{
	static char const text[] = "a | b\t\n\n  x\n\x01";
	start(500);
	hid_begin(&w, "c");
	hid_begin(&w, "n");
	hid_put_quoted(&w, text, sizeof text - 1);
	hid_put_quoted(&w, "", 0);
	hid_put_uint(&w, "x", 1);
	hid_end(&w);
	hid_end(&w);
	finish("c\n+ n\n  : a | b\t\n  :\n  :   x\n  : ?\n  x: 1\n-\n");
}

static void wrong_use(void)
{
	size_t length;
	static char const *const bad[] = { "", "A", "9", "a b", "a:" };
	for (unsigned i = 0; i < array_length(bad); i++) {
		start(100);
		hid_begin(&w, bad[i]);
		hid_end(&w);
		CHECK(hid_finish(&w, &length) == ERROR_INVALID);
		start(100);
		hid_begin(&w, "c");
		hid_put_uint(&w, bad[i], 1);
		hid_end(&w);
		CHECK(hid_finish(&w, &length) == ERROR_INVALID);
	}
	start(100);
	CHECK(hid_finish(&w, &length) == ERROR_INVALID);
	start(100);
	hid_begin(&w, "c");
	CHECK(hid_finish(&w, &length) == ERROR_INVALID);
	start(100);
	hid_end(&w);
	CHECK(hid_finish(&w, &length) == ERROR_INVALID);
	start(100);
	hid_begin(&w, "c");
	hid_end(&w);
	hid_begin(&w, "d");
	hid_end(&w);
	CHECK(hid_finish(&w, &length) == ERROR_INVALID);
	start(1000);
	for (unsigned i = 0; i <= HID_DEPTH; i++)
		hid_begin(&w, "c");
	for (unsigned i = 0; i <= HID_DEPTH; i++)
		hid_end(&w);
	CHECK(hid_finish(&w, &length) == ERROR_INVALID);
}

static void copy(void)
{
	static char const text[] =
		"c\n+ start x | . a\n|   ram: 1\n|   + config | + y z\n"
		"|     : q\n|     :\nx off\n-";
	struct hid_document d = { .nodes = storage, .capacity = 100 };
	CHECK(hid_parse(&d, text, sizeof text, NULL) == ERROR_OK);
	start(500);
	hid_put_node(&w, hid_next(hid_top(&d), NULL, "start"));
	hid_put_node(&w, NULL);
	finish("start x | ram: 1\n+ config\n  : q\n  :\n  + y z\n-\n");
}

int main(void)
{
	static struct test_case const cases[] = {
		{ "hid_writer.plain", plain }, { "hid_writer.overflow", overflow },
		{ "hid_writer.value", values }, { "hid_writer.quoted", quoted },
		{ "hid_writer.wrong_use", wrong_use }, { "hid_writer.copy", copy },
	};
	return test_run(cases, array_length(cases));
}
