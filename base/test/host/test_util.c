/* SPDX-License-Identifier: MIT */
/** Lists, bits, alignment, strings, memory blocks */

#include "test.h"
#include <util/align.h>
#include <util/bits.h>
#include <util/list.h>
#include <util/minmax.h>
#include <util/string.h>

struct item { int value; struct list_node node; };

static struct item *item(struct list_node *node)
{
	return node ? container_of(node, struct item, node) : NULL;
}

static void lists(void)
{
	static struct list list;
	static struct item items[5];
	CHECK(list_empty(&list) && !list_first(&list) && !list_last(&list));
	CHECK(!list_linked(&items[0].node));
	for (int i = 0; i < 5; i++) {
		items[i].value = i;
		list_append(&list, &items[i].node);
	}
	CHECK(item(list_first(&list)) == &items[0]);
	CHECK(item(list_last(&list)) == &items[4]);

	list_for_each_safe(&list, node)
		if (item(node)->value % 2)
			list_remove(node);
	int sum = 0;
	list_for_each(&list, node)
		sum = sum * 10 + item(node)->value;
	CHECK(sum == 24);

	list_prepend(&list, &items[1].node);
	list_insert_before(&items[4].node, &items[3].node);
	sum = 0;
	for (struct list_node *n = list_last(&list); n; n = list_prev(&list, n))
		sum = sum * 10 + item(n)->value;
	CHECK(sum == 43201);

	static struct list all;
	list_append_all(&all, &list);
	CHECK(list_empty(&list));
	list_append_all(&all, &list);
	CHECK(item(list_first(&all))->value == 1);
	CHECK(item(list_last(&all))->value == 4);

	for (int i = 0; i < 5; i++)
		CHECK(list_take_first(&all));
	CHECK(!list_take_first(&all) && list_empty(&all));
	list_remove(&items[0].node);
}

static void bits(void)
{
	uint64_t map[3] = { ~(uint64_t)0, 0, 0 };
	CHECK(bit_lowest(0x50) == 4 && bit_highest(0x50) == 6);
	CHECK(bit_order(0) == 0 && bit_order(1) == 0 && bit_order(5) == 3);
	CHECK(bit_order(4096) == 12 && bit_order(4097) == 13);
	CHECK(bit_count(~(uint64_t)0) == 64 && bit_mask(64) == ~(uint64_t)0);
	CHECK(bit_field(0xabcd, 4, 8) == 0xbc);
	CHECK(bit_first_clear(map, 130) == 64);
	bit_set(map, 64);
	CHECK(bit_first_clear(map, 130) == 65 && bit_first_clear(map, 65) == 65);
	bit_clear(map, 3);
	CHECK(bit_first_clear(map, 130) == 3 && !bit_test(map, 3));
	CHECK(align_up(4097, 4096) == 8192 && align_down(4097, 4096) == 4096);
	CHECK(aligned(8192, 4096) && !aligned(8193, 4096));
	CHECK(min(3, 4) == 3 && max(3u, 4u) == 4 && array_length(map) == 3);
}

static void strings(void)
{
	char text[8] = "";
	CHECK(string_copy(text, sizeof text, "1234567"));
	CHECK(!string_copy(text, sizeof text, "12345678"));
	CHECK(string_equal(text, "1234567"));
	CHECK(!string_copy(text, 0, "") && string_copy(text, 1, ""));
	CHECK(string_append(text, sizeof text, "ab"));
	CHECK(string_append(text, sizeof text, "cdefg"));
	CHECK(!string_append(text, sizeof text, "h"));
	CHECK(string_equal(text, "abcdefg"));
	CHECK(string_copy_part(text, sizeof text, "xyz", 2));
	CHECK(string_equal(text, "xy"));
	CHECK(string_starts("label", "la") && !string_starts("la", "label"));
	CHECK(string_ends("label", "bel") && !string_ends("bel", "label"));
	CHECK(string_ends("x", "") && string_starts("", ""));
	CHECK(strcmp("a", "b") < 0 && strcmp("b", "a") > 0 && !strcmp("", ""));
	CHECK(strcmp("a", "\xff") < 0 && strncmp("ab", "ac", 1) == 0);
	CHECK(strchr("abc", 'c')[0] == 'c' && !strchr("abc", 'd'));
	CHECK(strrchr("a/b/c", '/')[1] == 'c' && strchr("abc", 0)[0] == 0);
	CHECK(strnlen("abc", 2) == 2);
}

/** The number in 'text', or 'otherwise' */
static uint64_t number(char const *text, uint64_t otherwise)
{
	string_number(text, strlen(text), &otherwise);
	return otherwise;
}

static void numbers(void)
{
	CHECK(number("0", 1) == 0 && number("42", 1) == 42);
	CHECK(number("0x1F", 1) == 31 && number("0xff", 1) == 255);
	CHECK(number("4K", 1) == 4096 && number("3M", 1) == 3 << 20);
	CHECK(number("0x10G", 1) == (uint64_t)16 << 30);
	CHECK(number("18446744073709551615", 1) == UINT64_MAX);
	CHECK(number("18446744073709551616", 1) == 1);
	CHECK(number("99999999999999999999999", 1) == 1);
	CHECK(number("17179869184G", 1) == 1 && number("17179869183G", 1) != 1);
	CHECK(number("", 1) == 1 && number("0x", 1) == 1 && number("K", 1) == 1);
	CHECK(number("1k", 1) == 1 && number("1KK", 1) == 1);
	CHECK(number("-1", 1) == 1 && number(" 1", 1) == 1 && number("1 ", 2) == 2);
}

static void memory_case(unsigned char *model, unsigned char *real)
{
	size_t const size = test_random(40);
	size_t const to = test_random(60), from = test_random(60);
	unsigned const what = test_random(3);
	if (what == 0) {
		memset(real + to, (int)size, size);
		for (size_t i = 0; i < size; i++)
			model[to + i] = (unsigned char)size;
	} else if (what == 1) {
		unsigned char copy[100];
		memmove(real + to, real + from, size);
		for (size_t i = 0; i < size; i++) copy[i] = model[from + i];
		for (size_t i = 0; i < size; i++) model[to + i] = copy[i];
	} else if (to + size <= from || from + size <= to) {
		memcpy(real + to, real + from, size);
		for (size_t i = 0; i < size; i++)
			model[to + i] = model[from + i];
	}
}

static void memory(void)
{
	unsigned char model[100] = { 0 }, real[100] = { 0 };
	for (unsigned i = 0; i < 100; i++)
		model[i] = real[i] = (unsigned char)test_random(256);
	for (unsigned i = 0; i < 5000; i++)
		memory_case(model, real);
	bool same = true;
	for (unsigned i = 0; i < 100; i++)
		same &= model[i] == real[i];
	CHECK(same && memcmp(model, real, 100) == 0);
	real[99] ^= 1;
	CHECK(memcmp(model, real, 99) == 0 && memcmp(model, real, 100) != 0);
	CHECK(memchr("abc", 'c', 3) && !memchr("abc", 'c', 2));
}

int main(void)
{
	static struct test_case const cases[] = {
		{ "util.list", lists }, { "util.bits", bits },
		{ "util.string", strings }, { "util.number", numbers },
		{ "util.memory", memory },
	};
	return test_run(cases, array_length(cases));
}
