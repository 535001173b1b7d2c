/* SPDX-License-Identifier: MIT */
/** Checking documents against a schema */

#include "test.h"
#include <base/hid.h>
#include <stdio.h>
#include <util/minmax.h>
#include <util/string.h>

static char const schema_text[] =
	"schema config\n"
	"+ attribute verbose | type: bool\n"
	"+ node start | max: 3 | unique: yes\n"
	"  + attribute name | required: yes | length: 8\n"
	"  + attribute ram  | type: uint | min: 4K | max: 1M\n"
	"  + attribute exit | choice: propagate restart\n"
	"  + node config    | max: 1 | any: yes\n"
	"  + node route     | like: route\n"
	"+ node text | quoted: yes\n"
	"+ define route\n"
	"  + attribute to | required: yes\n"
	"  + node also | like: route\n"
	"-";

static struct hid_error error;

static enum error check_against(char const *schema_source, char const *text)
{
	static struct hid nodes[100], schema_nodes[100];
	struct hid_document d = { .nodes = nodes, .capacity = 100 };
	struct hid_document s = { .nodes = schema_nodes, .capacity = 100 };
	CHECK(!hid_parse(&s, schema_source, strlen(schema_source), NULL));
	CHECK(!hid_parse(&d, text, strlen(text), NULL));
	error = (struct hid_error) { 0 };
	return hid_check(hid_top(&d), hid_top(&s), &error);
}

static void accept(char const *text)
{
	enum error const result = check_against(schema_text, text);
	if (result)
		printf("line %u: %s\n", error.line, error.text);
	CHECK(result == ERROR_OK);
}

static void refuse(char const *text, uint32_t line, char const *what)
{
	CHECK(check_against(schema_text, text) == ERROR_INVALID);
	if (error.line != line || !string_equal(error.text, what))
		printf("line %u: %s\n", error.line, error.text);
	CHECK(error.line == line && string_equal(error.text, what));
}

static void good(void)
{
	accept("config\n-");
	accept("config | verbose: off\n+ start a | ram: 4K | exit: restart\n"
	       "  + config | + anything | x: y\n"
	       "+ start b\n  + route | to: x\n    + also | to: y | + also | to: z\n"
	       "+ text\n  : free\nx nonsense\n-");
}

static void bad(void)
{
	refuse("confg\n-", 1,
	       "node 'confg': the top-level node must be 'config'");
	refuse("config\nverbos: yes\n-", 2,
	       "node 'config': unknown attribute 'verbos'");
	refuse("config\nverbose: maybe\n-", 2, "node 'config': attribute "
	       "'verbose' is neither 'yes' nor 'no': 'maybe'");
	refuse("config\n+ strat x\n-", 2, "node 'config': unknown node 'strat'");
	refuse("config\n+ start\n-", 2, "node 'start': missing attribute 'name'");
	refuse("config\n+ start x\n  ram: 1K\n-", 3,
	       "node 'start x': attribute 'ram' is too small: '1K'");
	refuse("config\n+ start x\n  ram: 2M\n-", 3,
	       "node 'start x': attribute 'ram' is too large: '2M'");
	refuse("config\n+ start x\n  ram: lots\n-", 3,
	       "node 'start x': attribute 'ram' is not a number: 'lots'");
	refuse("config\n+ start x | exit: no\n-", 2,
	       "node 'start x': attribute 'exit' is none of the choices: 'no'");
	refuse("config\n+ start longlonglong\n-", 2, "node 'start longlonglong': "
	       "attribute 'name' is too long: 'longlonglong'");
	refuse("config\n+ start x\n+ start x\n-", 3,
	       "node 'start x': name stands twice in 'config'");
	refuse("config\n+ start x\n  + config\n  + config\n-", 2,
	       "node 'start x': too many nodes 'config'");
	refuse("config\n+ start x | + route | to: x | + also\n-", 2,
	       "node 'also': missing attribute 'to'");
	refuse("config\n: text\n-", 2,
	       "node 'config': unexpected quoted text 'text'");
}

static void bad_schema(void)
{
	CHECK(check_against("scheme c\n-", "c\n-") == ERROR_CORRUPT);
	CHECK(check_against("schema\n-", "c\n-") == ERROR_CORRUPT);
	CHECK(check_against("schema c | like: d\n-", "c\n-") == ERROR_CORRUPT);
	CHECK(check_against("schema c\n+ node\n-", "c\n-") == ERROR_CORRUPT);
	CHECK(check_against("schema c | like: d\n+ define d | like: d\n-",
	                    "c\n+ x\n-") == ERROR_INVALID);
}

int main(void)
{
	static struct test_case const cases[] = {
		{ "hid_check.good", good }, { "hid_check.bad", bad },
		{ "hid_check.bad_schema", bad_schema },
	};
	return test_run(cases, array_length(cases));
}
