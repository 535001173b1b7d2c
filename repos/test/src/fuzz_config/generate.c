/* SPDX-License-Identifier: MIT */
/* Configurations of all kinds */

/* public */
#include <util/format.h>
#include <util/minmax.h>
#include <util/string.h>

/* local */
#include "generate.h"

enum { WORD = 160, WORDS = 160, LEVELS = 6, NESTED = 34, LONGEST = 1024 };

struct words { unsigned count; char word[WORDS][WORD]; };

static struct words      types, tags, values;
static struct hid const *valid;
static struct random    *chance;

/* -- words -- */

static void learn(struct words *words, char const *text, size_t length)
{
	char word[WORD];
	string_copy_part(word, sizeof word, text, length);
	for (unsigned i = 0; i < words->count; i++)
		if (string_equal(words->word[i], word))
			return;
	if (words->count < WORDS)
		string_copy(words->word[words->count++], WORD, word);
}

static void learn_number(uint64_t number)
{
	char text[24];
	format_text(text, sizeof text, "%lu", number);
	learn(&values, text, strlen(text));
}

static void learn_choices(struct hid_attribute const *a)
{
	for (size_t i = 0, n; i < a->value_length; i += n + 1) {
		for (n = 0; i + n < a->value_length && a->value[i + n] != ' ';)
			n++;
		learn(&values, a->value + i, n);
	}
}

/** The longest value that is good, and one that is longer */
static void learn_length(uint64_t length)
{
	char text[WORD];
	memset(text, 'x', sizeof text);
	learn(&values, text, min(length, (uint64_t)WORD));
	learn(&values, text, min(length + 1, (uint64_t)WORD));
}

/** What a node of a schema says about nodes and attributes */
static void learn_rule(struct hid const *rule)
{
	bool const of_attribute = hid_type_equals(rule, "attribute");
	struct hid_attribute a;
	if (hid_attribute(rule, "name", &a))
		learn(of_attribute ? &tags : &types, a.value, a.value_length);
	if (hid_attribute(rule, "choice", &a))
		learn_choices(&a);
	if (of_attribute && hid_has(rule, "min")) {
		learn_number(hid_uint(rule, "min", 0));
		learn_number(hid_uint(rule, "min", 0) - 1);
	}
	if (of_attribute && hid_has(rule, "max")) {
		learn_number(hid_uint(rule, "max", 0));
		learn_number(hid_uint(rule, "max", 0) + 1);
	}
	if (hid_has(rule, "length"))
		learn_length(hid_uint(rule, "length", 0));
}

static void learn_node(struct hid const *node)
{
	char type[WORD];
	if (hid_type(node, type, sizeof type))
		learn(&types, type, strlen(type));
	for (struct hid_attribute a = { 0 }; hid_attribute_next(node, &a);) {
		learn(&tags, a.tag, a.tag_length);
		learn(&values, a.value, a.value_length);
	}
}

void generate_learn(struct hid const *sample, struct hid const *schema)
{
	static char const *const common[] = {
		"", "yes", "no", "?", "-", "a -> b", " -> ", "config", "0", "1",
		"-1", "15", "0xffff", "0x10000", "65535K", "4294967295",
		"4294967296", "1G", "17179869183G", "17179869184G",
		"18446744073709551", "18446744073709552",
		"9223372036854775808", "18446744073709551615",
		"18446744073709551616" };
	valid = sample;
	for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
		learn(&values, common[i], strlen(common[i]));
	for (struct hid const *n = NULL; (n = hid_next_below(schema, n, NULL));)
		learn_rule(n);
	learn_node(sample);
	for (struct hid const *n = NULL; (n = hid_next_below(sample, n, NULL));)
		learn_node(n);
}

static char const *any_word(struct words const *words)
{
	return words->count ? words->word[random_below(chance, words->count)]
	                    : "word";
}

/** About as long as buffers are, or much longer */
static char const *long_word(void)
{
	static char text[LONGEST + 2];
	size_t const length = (16ul << random_below(chance, 7)) - 2
	                    + random_below(chance, 4);
	memset(text, 'a' + (int)random_below(chance, 26), length);
	text[length] = 0;
	return text;
}

static char const *any_number(void)
{
	static char const *const units[] = { "", "", "K", "M", "G" };
	static char text[32];
	format_text(text, sizeof text,
	            random_once(chance, 3) ? "0x%lx%s" : "%lu%s",
	            random_word(chance) >> random_below(chance, 64),
	            units[random_below(chance, 5)]);
	return text;
}

static char const *any_value(void)
{
	switch (random_below(chance, 8)) {
	case 0:  return long_word();
	case 1:  return any_number();
	default: return any_word(&values);
	}
}

/* -- a valid one with damage to some nodes -- */

/** What becomes of a thing; mostly, it stays */
enum fate { STAYS, GOES, CHANGES, NESTS, TWICE };

static uint32_t one_in;      /* so many things, something becomes of it */

static enum fate fate(void)
{
	return random_once(chance, one_in)
		? (enum fate)min(GOES + random_below(chance, 6), (uint32_t)TWICE)
		: STAYS;
}

static void put(struct hid_writer *w, char const *tag, char const *value)
{
	if (string_equal(tag, "name"))
		hid_put_name(w, value);
	else
		hid_put_string(w, tag, value);
}

static void put_attributes(struct hid_writer *w, struct hid const *node)
{
	char tag[WORD], value[WORD];
	for (struct hid_attribute a = { 0 }; hid_attribute_next(node, &a);) {
		enum fate const f = fate();
		string_copy_part(tag, sizeof tag, a.tag, a.tag_length);
		string_copy_part(value, sizeof value, a.value, a.value_length);
		if (f == STAYS || f == TWICE)
			put(w, tag, value);
		if (f == TWICE)
			put(w, random_once(chance, 16) ? tag : any_word(&tags),
			    any_value());
		if (f == CHANGES || f == NESTS)
			put(w, random_once(chance, 8) ? any_word(&tags) : tag,
			    any_value());
	}
}

static void put_node(struct hid_writer *w, struct hid const *node, enum fate f);

static void put_content(struct hid_writer *w, struct hid const *node)
{
	put_attributes(w, node);
	for (struct hid const *n = NULL; (n = hid_next(node, n, NULL));)
		put_node(w, n, fate());
}

/** With changes in it, below itself 'levels' times */
static void put_levels(struct hid_writer *w, struct hid const *node,
                       char const *type, unsigned levels)
{
	for (unsigned i = 0; i < levels; i++) {
		hid_begin(w, type);
		if (i + 1 < levels)
			put_attributes(w, node);
	}
	put_content(w, node);
	for (unsigned i = 0; i < levels; i++)
		hid_end(w);
}

static void put_node(struct hid_writer *w, struct hid const *node, enum fate f)
{
	char type[WORD];
	if (f == GOES)
		return;
	/* as it is: with damage to many, the text would be none */
	for (uint32_t i = f == TWICE ? 1u << random_below(chance, 7) : 0; i; i--)
		hid_put_node(w, node);
	hid_type(node, type, sizeof type);
	if (f == CHANGES)
		string_copy(type, sizeof type, any_word(&types));
	put_levels(w, node, type,
	           f == NESTS ? 2 + random_below(chance, NESTED) : 1);
}

/* -- a random tree -- */

static void put_random(struct hid_writer *w, char const *type, unsigned levels)
{
	hid_begin(w, type);
	/* no tag stands there twice, or only such texts would come */
	uint32_t const first = random_below(chance, tags.count);
	for (uint32_t i = min(random_below(chance, 5), tags.count); i; i--)
		put(w, tags.word[(first + i) % tags.count], any_value());
	for (uint32_t i = levels ? random_below(chance, 5) : 0; i; i--)
		put_random(w, any_word(&types), levels - 1);
	hid_end(w);
}

/* -- damage to the text -- */

static char any_byte(void)
{
	static char const special[] = "|+-:. x\n\n\t\r\033\0\177\200\377";
	return random_once(chance, 4) ? (char)random_below(chance, 256)
		: special[random_below(chance, sizeof special - 1)];
}

static size_t damage_text(char *text, size_t length)
{
	size_t const at = random_below(chance, (uint32_t)length);
	size_t const n  = min(length - at, 1 + (size_t)random_below(chance, 24));
	switch (random_below(chance, 5)) {
	case 0:                                        /* its end is not there */
		return at;
	case 1:                                        /* some are left out */
		memmove(text + at, text + at + n, length - at - n);
		return length - n;
	case 2:                                        /* some stand there twice */
		if (length + n > GENERATE_TEXT)
			return length;
		memmove(text + at + n, text + at, length - at);
		return length + n;
	default:
		text[at] = any_byte();
		return length;
	}
}

/* -- all of it -- */

static size_t finish(struct hid_writer *w)
{
	size_t length = 0;
	error_ignore(hid_finish(w, &length), "it need not be good");
	return min(length, (size_t)GENERATE_TEXT);
}

size_t generate_valid(char text[GENERATE_TEXT])
{
	struct hid_writer w;
	hid_writer_init(&w, text, GENERATE_TEXT);
	hid_put_node(&w, valid);
	return finish(&w);
}

size_t generate_any(struct random *random, char text[GENERATE_TEXT])
{
	struct hid_writer w;
	chance = random;
	one_in = 4u << random_below(chance, 3);
	hid_writer_init(&w, text, GENERATE_TEXT);
	if (random_once(chance, 4))
		put_random(&w, "config", LEVELS);
	else
		put_node(&w, valid, STAYS);
	size_t length = finish(&w);
	for (uint32_t i = random_once(chance, 4) ? 1 + random_below(chance, 3) : 0;
	     i && length; i--)
		length = damage_text(text, length);
	return length;
}
