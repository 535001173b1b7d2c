/* SPDX-License-Identifier: MIT */
/*
 * Inputs
 *
 * Each has a ROM session of its own. What is absent has its default value.
 */

#include <base/log.h>
#include <base/rom.h>
#include <util/container_of.h>
#include <util/string.h>

/* local */
#include "input.h"

enum { INPUTS = 16 };

struct input {
	struct rom_reader     reader;
	struct signal_handler handler;
	struct hid const     *node;        /* in the configuration */
	char                  name[32];
	char                  value[INPUT_VALUE];
	unsigned              logged;      /* times that it was too long */
};

static struct input inputs[INPUTS];
static unsigned     count;
static void       (*changed)(void);

/** Follow a path of types, separated by "/"; NULL: it ends nowhere */
static struct hid const *follow(struct hid const *node, char const *path)
{
	while (node && *path) {
		char type[64];
		size_t length = 0;
		while (path[length] && path[length] != '/')
			length++;
		if (!string_copy_part(type, sizeof type, path, length))
			return NULL;
		node  = hid_next(node, NULL, type);
		path += length + (path[length] == '/');
	}
	return node;
}

static void take(struct input *input, struct hid const *content)
{
	char path[128] = "", tag[32] = "name", value[INPUT_VALUE] = "";
	hid_string(input->node, "path", path, sizeof path);
	hid_string(input->node, "attribute", tag, sizeof tag);
	hid_string(input->node, "default", value, sizeof value);
	struct hid const *const node = follow(content, path);
	if (hid_has(node, tag) && !hid_string(node, tag, value, sizeof value)
	 && log_few(&input->logged))
		log_warning("input %s: the value is too long", input->name);
	string_copy(input->value, sizeof input->value, value);
}

static void update(struct signal_handler *handler, uint64_t n)
{
	struct input *const input = container_of(handler, struct input, handler);
	struct hid const *content = NULL;
	char former[INPUT_VALUE];
	string_copy(former, sizeof former, input->value);
	if (rom_reader_update(&input->reader, &content) != ERROR_OK)
		content = NULL;
	take(input, content);
	if (!string_equal(former, input->value))
		changed();
}

static enum error input_open(struct input *input, struct env *env,
                             struct hid const *node)
{
	char rom[64];
	input->node           = node;
	input->handler.handle = update;
	hid_name(node, input->name, sizeof input->name);
	string_copy(rom, sizeof rom, input->name);
	hid_string(node, "rom", rom, sizeof rom);
	take(input, NULL);
	enum error error = signal_handler_open(&input->handler, env->ep);
	if (!error)
		error = rom_reader_open(&input->reader, env, rom, &input->handler);
	if (error)
		log_error("input %s: %s", input->name, error_text(error));
	else
		update(&input->handler, 0);     /* nobody reads an output before */
	return error;
}

enum error inputs_open(struct env *env, void (*handler)(void))
{
	enum error error = ERROR_OK;
	changed = handler;
	for (struct hid const *n = NULL;
	     !error && (n = hid_next(env->config, n, "input"));) {
		if (count == INPUTS) {
			log_error("config, line %u: more than %u inputs", n->line,
			          (unsigned)INPUTS);
			return ERROR_LIMIT;
		}
		error = input_open(&inputs[count++], env, n);
	}
	return error;
}

void inputs_close(void)
{
	while (count) {
		struct input *const input = &inputs[--count];
		rom_reader_close(&input->reader);
		signal_handler_close(&input->handler);
		*input = (struct input) { .node = NULL };
	}
}

char const *input_value(char const *name)
{
	for (unsigned i = 0; i < count; i++)
		if (string_equal(inputs[i].name, name))
			return inputs[i].value;
	return "";
}
