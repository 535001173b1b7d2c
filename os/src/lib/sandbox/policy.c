/* SPDX-License-Identifier: MIT */

/* public */
#include <base/heap.h>
#include <session/cpu.h>
#include <util/string.h>

/* local */
#include "route.h"

/* -- words -- */

static struct hid const *next_name(struct hid const *top, struct hid const *node,
                                   struct hid_attribute *name)
{
	while ((node = hid_next_below(top, node, "service")))
		if (hid_attribute(node, "name", name))
			return node;
	return NULL;
}

enum error words_read(struct sandbox_words *words, struct heap *heap,
                      struct hid const *top)
{
	struct hid_attribute name;
	*words = (struct sandbox_words) { 0 };
	for (struct hid const *n = NULL; (n = next_name(top, n, &name));)
		words->size += name.value_length + 1;
	if (!words->size)
		return ERROR_OK;
	words->text = heap_alloc(heap, words->size);
	if (!words->text)
		return ERROR_NO_RAM;
	char *at = words->text;
	for (struct hid const *n = NULL; (n = next_name(top, n, &name));) {
		memcpy(at, name.value, name.value_length);
		at += name.value_length + 1;    /* the memory is zeroed */
		words->count++;
	}
	return ERROR_OK;
}

void words_free(struct sandbox_words *words, struct heap *heap)
{
	heap_free(heap, words->text, words->size);
	*words = (struct sandbox_words) { 0 };
}

bool words_contain(struct sandbox_words const *words, char const *word)
{
	char const *at = words->text;
	for (unsigned i = 0; i < words->count; i++, at += strlen(at) + 1)
		if (string_equal(at, word))
			return true;
	return false;
}

/* -- start nodes -- */

static bool tag_equals(struct hid_attribute const *a, char const *tag)
{
	return strlen(tag) == a->tag_length
	       && !memcmp(a->tag, tag, a->tag_length);
}

static bool value_equals(struct hid_attribute const *a, char const *value)
{
	return strlen(value) == a->value_length
	       && !memcmp(a->value, value, a->value_length);
}

static uint64_t number(struct hid_attribute const *a)
{
	uint64_t value = 0;
	string_number(a->value, a->value_length, &value);
	return value;
}

static void set_binary(struct policy *p, struct hid const *start,
                       struct hid_attribute const *a)
{
	p->binary        = (uint32_t)(a->value - start->text);
	p->binary_length = a->value_length;
}

/** One pass over the attributes: looking up each is dear */
static void read_attributes(struct policy *p, struct hid const *start)
{
	struct hid_attribute a = { 0 };
	while (hid_attribute_next(start, &a)) {
		if (tag_equals(&a, "ram"))
			p->ram = number(&a);
		else if (tag_equals(&a, "caps"))
			p->caps = number(&a);
		else if (tag_equals(&a, "ram_max"))
			p->ram_max = number(&a);
		else if (tag_equals(&a, "caps_max"))
			p->caps_max = number(&a);
		else if (tag_equals(&a, "binary"))
			set_binary(p, start, &a);
		else if (tag_equals(&a, "exhausted"))
			p->waits = value_equals(&a, "wait");
		else if (tag_equals(&a, "priority"))
			p->priority = (uint32_t)number(&a);
		else if (tag_equals(&a, "cpu_quota"))
			p->cpu_quota = (uint32_t)number(&a);
		else if (tag_equals(&a, "cpu"))
			p->cpu_first = (uint32_t)number(&a);
		else if (tag_equals(&a, "cpus"))
			p->cpu_count = (uint32_t)number(&a);
	}
}

static enum error read_node(struct policy *p, struct heap *heap,
                            struct hid const *start, struct hid const *n)
{
	if (hid_type_equals(n, "config")) {
		p->config = (uint32_t)(n - start);
	} else if (hid_type_equals(n, "exit")) {
		p->exit_propagate = hid_bool(n, "propagate", false);
		p->exit_restart   = hid_bool(n, "restart", false);
	} else if (hid_type_equals(n, "fault")) {
		p->fault_restart = hid_bool(n, "restart", false);
		p->fault_keep    = hid_bool(n, "keep", false);
	} else if (hid_type_equals(n, "heartbeat")) {
		p->heartbeat = true;
		p->beats     = hid_uint(n, "restart", UINT64_MAX);
	} else if (hid_type_equals(n, "provides")) {
		return words_read(&p->provides, heap, n);
	} else if (hid_type_equals(n, "route")) {
		return routes_read(&p->routes, heap, n);
	}
	return ERROR_OK;
}

enum error policy_read(struct policy *p, struct heap *heap,
                       struct hid const *start)
{
	*p = (struct policy) {
		.ram = POLICY_DEFAULT, .caps = POLICY_DEFAULT,
		.ram_max = POLICY_DEFAULT, .caps_max = POLICY_DEFAULT,
		.priority = CPU_PRIORITY_DEFAULT };
	read_attributes(p, start);
	enum error error = ERROR_OK;
	for (struct hid const *n = NULL;
	     !error && (n = hid_next(start, n, NULL));)
		error = read_node(p, heap, start, n);
	if (error)
		policy_free(p, heap);
	return error;
}

void policy_free(struct policy *p, struct heap *heap)
{
	words_free(&p->provides, heap);
	routes_free(p->routes, heap);
	*p = (struct policy) { 0 };
}
