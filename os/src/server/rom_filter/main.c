/* SPDX-License-Identifier: MIT */
/*
 * ROM filter: a ROM composed of values from other ROMs, by conditions
 *
 *     config
 *     + input mode | rom: settings | path: display | attribute: mode | default: day
 *     + output config
 *       + attribute mode | input: mode
 *       + if | input: mode | value: night
 *         + then | + inline | + colour | name: black
 *         + else
 *           + node colour | + attribute name | value: white
 *     -
 *
 * The output is written anew when an input's value changes. All clients read the
 * same.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/signal.h>
#include <os/rom_server.h>
#include <util/string.h>
#include "input.h"

enum { DEPTH = 24 };

static struct env *the_env;

static void write_items(struct hid_writer *w, struct hid const *items,
                        unsigned depth);

static void write_attribute(struct hid_writer *w, struct hid const *item)
{
	char tag[32] = "", input[32], value[256] = "";
	hid_name(item, tag, sizeof tag);
	hid_string(item, "value", value, sizeof value);
	if (hid_string(item, "input", input, sizeof input))
		string_copy(value, sizeof value, input_value(input));
	hid_put_string(w, tag, value);
}

static void write_node(struct hid_writer *w, struct hid const *item,
                       unsigned depth)
{
	char type[32] = "";
	hid_name(item, type, sizeof type);
	hid_begin(w, type);
	write_items(w, item, depth);
	hid_end(w);
}

static void write_if(struct hid_writer *w, struct hid const *item,
                     unsigned depth)
{
	char input[32] = "";
	hid_string(item, "input", input, sizeof input);
	bool const holds = hid_equals(item, "value", input_value(input));
	write_items(w, hid_next(item, NULL, holds ? "then" : "else"), depth);
}

static void write_inline(struct hid_writer *w, struct hid const *item)
{
	for (struct hid const *n = NULL; (n = hid_next(item, n, NULL));)
		hid_put_node(w, n);
}

static void write_items(struct hid_writer *w, struct hid const *items,
                        unsigned depth)
{
	if (depth == DEPTH)
		return;
	for (struct hid const *i = NULL; (i = hid_next(items, i, NULL));) {
		if (hid_type_equals(i, "attribute"))
			write_attribute(w, i);
		else if (hid_type_equals(i, "node"))
			write_node(w, i, depth + 1);
		else if (hid_type_equals(i, "if"))
			write_if(w, i, depth + 1);
		else if (hid_type_equals(i, "inline"))
			write_inline(w, i);
	}
}

static enum error write(struct rom_server *server, char const *label,
                        struct hid_writer *w)
{
	struct hid const *const output = hid_next(the_env->config, NULL, "output");
	if (!output)
		return ERROR_NOT_FOUND;
	write_node(w, output, 0);
	return ERROR_OK;
}

static struct rom_server_ops const ops = { .write = write };

static struct rom_server server = { .ops = &ops };

static void changed(void) { rom_server_changed(&server); }

static void config_changed(struct signal_handler *handler, uint64_t count)
{
	inputs_close();     /* they refer to the former configuration */
	error_ignore(config_update(the_env), "it was logged; the old one stays");
	error_ignore(inputs_open(the_env, changed), "it was logged");
	changed();
}

static struct signal_handler config_handler = { .handle = config_changed };

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error error = signal_handler_open(&config_handler, env->ep);
	if (!error) error = config_watch(env, &config_handler);
	if (!error) error = inputs_open(env, changed);
	if (!error) error = rom_server_open(&server, env);
	return error;
}
