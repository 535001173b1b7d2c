/* SPDX-License-Identifier: MIT */
/** Reading human-inclined data: structure, look-ups, errors */

#include "test.h"
#include <base/hid.h>
#include <stdio.h>
#include <stdlib.h>
#include <util/minmax.h>
#include <util/string.h>

static struct hid storage[100];
static struct hid_error error;

/** Parse a copy of the exact size, so that ASan sees an access behind it */
static struct hid const *parse(char const *text, size_t size)
{
	static struct hid_document document;
	static char *copy;
	free(copy);
	copy = malloc(size + !size);
	memcpy(copy, text, size);
	document = (struct hid_document) { .nodes = storage,
	                                   .capacity = array_length(storage) };
	error = (struct hid_error) { 0 };
	enum error const result = hid_parse(&document, copy, size, &error);
	CHECK(!result == !!hid_top(&document));
	CHECK(!result == !error.line);
	CHECK(result || document.count <= hid_node_count(text, size));
	return hid_top(&document);
}

/** Structure as text: "type(tag=value 'quoted' sub())" */
static void dump(struct hid const *node, char *out, size_t size)
{
	struct hid_attribute a = { 0 }, q = { 0 };
	char text[64] = "";
	hid_type(node, text, sizeof text);
	string_append(out, size, text);
	string_append(out, size, "(");
	while (hid_attribute_next(node, &a)) {
		snprintf(text, sizeof text, "%.*s=%.*s ", (int)a.tag_length, a.tag,
		         (int)a.value_length, a.value);
		string_append(out, size, text);
	}
	while (hid_quoted_next(node, &q)) {
		snprintf(text, sizeof text, "'%.*s' ", (int)q.value_length,
		         q.value);
		string_append(out, size, text);
	}
	for (struct hid const *n = NULL; (n = hid_next(node, n, NULL));)
		dump(n, out, size);
	string_append(out, size, ")");
}

static void expect(char const *text, char const *structure)
{
	char out[500] = "";
	struct hid const *const top = parse(text, strlen(text));
	if (top)
		dump(top, out, sizeof out);
	else
		printf("line %u: %s\n", error.line, error.text);
	if (!string_equal(out, structure)) {
		printf("'%s'\ninstead of '%s'\n", out, structure);
		CHECK(!"structure");
	}
	size_t marker = 0;
	while (memcmp(text + marker, "\n-", 2) != 0)
		marker++;
	for (size_t n = 0; n < marker + 2; n++)
		CHECK(!parse(text, n));
}

static void structure(void)
{
	expect("config\n-", "config()");
	expect("\n \n  |\nconfig   name  of it \n\n-  ", "config(name=name  of it )");
}

static void trees(void)
{
	expect("config | verbose: no\n"
	       "+ parent-provides | + service ROM\n"
	       "                  | + service LOG\n"
	       "+ start timer | ram: 256K | caps: 20\n"
	       "  + provides | + service Timer\n"
	       "  priority: 1\n"
	       "size: 3\n"
	       "-",
	       "config(verbose=no size=3 "
	       "parent-provides(service(name=ROM )service(name=LOG ))"
	       "start(name=timer ram=256K caps=20 priority=1 "
	       "provides(service(name=Timer ))))");
	expect("c\n+ a | + b | + c\n+ d\n-", "c(a(b(c()))d())");
	expect("c\n+ a\n| + b\n| | x: 1\n| + c\n+ d\n-", "c(a(b(x=1 )c())d())");
	expect("c\n+ a\n    + b\n  + d\n-", "c(a(b()d()))");
	expect("c\n  + a\n    x: 1\n  + b\n-", "c(a(x=1 )b())");
	expect("c\n+ p label: a -> b | x: 1\n                   y: 2\n-",
	       "c(p(label=a -> b x=1 y=2 ))");
}

static void values(void)
{
	expect("c\n+ n \303\244\303\266 | x: 1\n      + s\n-",
	       "c(n(name=\303\244\303\266 x=1 s()))");
	expect("c\na: b: c\nb:\nc:   x  y  \n-", "c(a=b: c b= c=x  y )");
	expect("c a:b\n+ n x:y | z: :\n-", "c(name=a:b n(name=x:y z=: ))");
	expect("c\nx: x y\n+ x +\n+ y .\n-", "c(x=x y x(name=+ )y(name=. ))");
}

static void comments(void)
{
	expect("c\n. a | b\t\n.\n+ n . x\n  . + m\n-\nanything | $%",
	       "c(n(name=. x ))");
	expect("c | . + n\n+ n | x: 1 | . y: 2\n-", "c(n(x=1 ))");
}

static void quoted(void)
{
	char text[64];
	expect("c\n: a | b\t\n:\n:   x \n+ n | : y\n-",
	       "c('a | b\t' '' '  x ' n('y' ))");
	char const *const document = "c\n: a\n+ n\n  : no\n: b\n-";
	struct hid const *const top = parse(document, strlen(document));
	CHECK(hid_quoted(top, text, sizeof text) == 4);
	CHECK(string_equal(text, "a\nb\n"));
	CHECK(hid_quoted(top, text, 3) == 4 && string_equal(text, "a\n"));
}

static void disabled(void)
{
	expect("c\nx n | a: 1\n  + m\n+ o | x p | b: 1\nc: 2\n-",
	       "c(c=2 o())");
	char const *const text = "c\nx n\n  + s\n+ n\n  + s b\n-";
	struct hid const *const top = parse(text, strlen(text));
	struct hid const *const s = hid_next_below(top, NULL, "s");
	CHECK(hid_equals(s, "name", "b") && !hid_next_below(top, s, "s"));
}

static void refuse(char const *text, uint32_t line, char const *what)
{
	struct hid const *const top = parse(text, strlen(text));
	CHECK(!top);
	if (error.line != line || !string_ends(error.text, what)) {
		printf("line %u: '%s'\ninstead of\nline %u: '%s'\n", error.line,
		       error.text, line, what);
		CHECK(!"error");
	}
}

static void errors(void)
{
	refuse("", 1, "end marker '-' is missing");
	refuse("config", 1, "end marker '-' is missing");
	refuse("config\n+ a\n -\n", 3,
	       "neither node, attribute, comment nor quoted text");
	refuse("config\n+ start t | ram: 1M\n  ram: 2M\n-", 3,
	       "node 'start t': attribute 'ram' stands twice");
	refuse("config\n+ a b\n  name: c\n-", 3,
	       "node 'a b': attribute 'name' stands twice");
	refuse("c\n+ a label: b | label: c\n-", 2, "'label' stands twice");
	refuse(". comment\nconfig\n-", 1, "malformed type of a node");
	refuse("+ config\n-", 1, "malformed type of a node");
	refuse(" config\n-", 1, "top-level node is indented");
	refuse("c\n+ Start\n-", 2, "malformed type of a node");
	refuse("c\n+ s_-9:x\n-", 2, "malformed type of a node");
	refuse("c\n+ a\n   b: 1\n  + c\n   d: 1\n-", 5,
	       "node 'c': indented by one column, not two");
	refuse("c\n+ a |\n-", 2, "no item behind '|'");
	refuse("c\n+ a | | + b\n-", 2, "no item behind '|'");
	refuse("c\n+ a| + b\n-", 2, "no blank in front of '|'");
	refuse("c\n+ a |+ b\n-", 2, "no blank behind '|'");
	refuse("c\na: x|y\n-", 2, "no blank in front of '|'");
	refuse("c\nstray line\n-", 2,
	       "neither node, attribute, comment nor quoted text");
	refuse("c\na:x\n-", 2,
	       "neither node, attribute, comment nor quoted text");
	refuse("c\n\ta: x\n-", 2, "tab");
	refuse("c\na: x\ty\n-", 2, "tab");
	refuse("c\na: x\r\n-", 2, "control character or broken UTF-8");
	refuse("c\n. \x01\n-", 2, "control character or broken UTF-8");
	refuse("c\na: \303\n-", 2, "control character or broken UTF-8");
	refuse("c\na: \300\200\n-", 2, "control character or broken UTF-8");
	refuse("c\na: \355\240\200\n-", 2, "control character or broken UTF-8");
	refuse("c\na: \302\200\n-", 2, "control character or broken UTF-8");
	refuse("c\na: \364\220\200\200\n-", 2,
	       "control character or broken UTF-8");
}

/** A document with 'n' nodes, each below the other or beside it */
static size_t chain(char *text, unsigned n, bool nested)
{
	size_t length = (size_t)sprintf(text, "c\n");
	for (unsigned i = 0; i < n; i++)
		length += (size_t)sprintf(text + length, "%*s+ n\n",
		                          nested ? (int)i * 2 : 0, "");
	return length + (size_t)sprintf(text + length, "-");
}

static void limits(void)
{
	static char text[100000];
	CHECK(parse(text, chain(text, HID_DEPTH - 1, true)));
	CHECK(!parse(text, chain(text, HID_DEPTH, true)));
	CHECK(string_ends(error.text, "too many levels"));
	CHECK(parse(text, chain(text, 99, false)));
	CHECK(!parse(text, chain(text, 100, false)));
	CHECK(string_ends(error.text, "too many nodes"));

	size_t length = (size_t)sprintf(text, "c\n");
	for (unsigned i = 0; i <= HID_ATTRIBUTES; i++) {
		length += (size_t)sprintf(text + length, "a%u: 1\n", i);
		text[length] = '-';
		CHECK(!!parse(text, length + 1) == (i < HID_ATTRIBUTES));
	}
	CHECK(string_ends(error.text, "too many attributes"));
}

static void session_text(void)
{
	static struct hid nodes[3];
	struct hid_document d = { .nodes = nodes, .capacity = 3 };
	CHECK(!hid_parse_text(&d, "io_port | base: 0x3f8 | size: 8", NULL));
	CHECK(hid_uint(hid_top(&d), "base", 0) == 0x3f8);
	CHECK(hid_uint(hid_top(&d), "size", 0) == 8);
	CHECK(!hid_parse_text(&d, "a\n+ b\n  + c", NULL) && d.count == 3);
	CHECK(hid_parse_text(&d, "", NULL) == ERROR_CORRUPT && !hid_top(&d));
	CHECK(hid_parse_text(&d, "a | x: 1 | x: 2", NULL) == ERROR_CORRUPT);
	CHECK(hid_parse_text(&d, "a | ", NULL) == ERROR_CORRUPT || d.count == 1);
}

static void look_up(void)
{
	char const *const text = "c\nn: 0x10\nk: 4K\nb: yes\ns: some text\n"
	                         "t: off\n+ a 1\n+ b\n+ a 2\n-";
	struct hid const *const top = parse(text, strlen(text));
	char buffer[10] = "default";
	CHECK(hid_uint(top, "n", 1) == 16 && hid_uint(top, "k", 1) == 4096);
	CHECK(hid_uint(top, "s", 7) == 7 && hid_uint(top, "absent", 8) == 8);
	CHECK(hid_bool(top, "b", false) && !hid_bool(top, "t", true));
	CHECK(hid_bool(top, "s", true) && !hid_bool(top, "absent", false));
	CHECK(!hid_string(top, "s", buffer, 9) && buffer[0] == 'd');
	CHECK(!hid_string(top, "absent", buffer, 10) && buffer[0] == 'd');
	CHECK(hid_string(top, "s", buffer, 10) && buffer[0] == 's');
	CHECK(hid_equals(top, "b", "yes") && !hid_equals(top, "b", "ye"));
	struct hid const *a = hid_next(top, NULL, "a");
	CHECK(hid_uint(a, "name", 0) == 1);
	a = hid_next(top, a, "a");
	CHECK(hid_uint(a, "name", 0) == 2 && a->line == 9);
	CHECK(!hid_next(top, a, "a"));
	CHECK(hid_type(a, buffer, 2) && !hid_type(a, buffer, 1));
	CHECK(!hid_next(NULL, NULL, "a") && hid_uint(NULL, "n", 5) == 5);
	CHECK(!hid_has(NULL, "n") && !hid_type_equals(NULL, "c"));
}

static void same(void)
{
	static struct hid nodes[20];
	char const *const one = "c\n+ a n | x: 1\n  + b\n-";
	char const *const two = "c\n. same\n+ a\n  name: n\n  x: 1\n  + b\n-";
	char const *const other = "c\n+ a n | x: 2\n  + b\n-";
	struct hid_document d = { .nodes = nodes, .capacity = 20 };
	CHECK(hid_parse(&d, one, strlen(one), NULL) == ERROR_OK);
	CHECK(hid_same(hid_top(&d), parse(two, strlen(two))));
	CHECK(!hid_same(hid_top(&d), parse(other, strlen(other))));
	CHECK(!hid_same(hid_top(&d), NULL) && hid_same(NULL, NULL));
}

/** The same bytes mean something else where the first line begins elsewhere */
static void same_text(void)
{
	static struct hid nodes[20];
	char const *const one = "c\n+ a | + b\n              + d\n-";
	char const *const two = "c\n\n+ a | + b\n              + d\n-";
	char const *const moved =
		"c\n          + a | + b\n              + d\n-";
	struct hid_document d = { .nodes = nodes, .capacity = 20 };
	CHECK(hid_parse(&d, one, strlen(one), NULL) == ERROR_OK);
	struct hid const *const a = hid_next(hid_top(&d), NULL, "a");
	struct hid const *const again =
		hid_next(parse(two, strlen(two)), NULL, "a");
	CHECK(hid_same_text(a, again));
	struct hid const *const other =
		hid_next(parse(moved, strlen(moved)), NULL, "a");
	CHECK(other->size == a->size && !memcmp(other->text, a->text, a->size));
	CHECK(!hid_same_text(a, other) && !hid_same_text(a, NULL));
}

int main(void)
{
	static struct test_case const cases[] = {
		{ "hid.structure", structure }, { "hid.tree", trees },
		{ "hid.value", values }, { "hid.comment", comments },
		{ "hid.quoted", quoted }, { "hid.disabled", disabled },
		{ "hid.error", errors }, { "hid.limit", limits },
		{ "hid.session_text", session_text },
		{ "hid.look_up", look_up }, { "hid.same", same },
		{ "hid.same_text", same_text },
	};
	return test_run(cases, array_length(cases));
}
