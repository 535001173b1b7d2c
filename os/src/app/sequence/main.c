/* SPDX-License-Identifier: MIT */
/*
 * Sequence: runs its children one after the other
 *
 *     config | keep_going: no | repeat: no
 *     + parent-provides | …
 *     + start first  | …
 *     + start second | …
 *
 * The configuration is that of a sandbox. A start node's child begins when the
 * one in front of it has exited. A value other than 0 ends the sequence with that
 * value, unless it is to keep going.
 */

#include <base/component.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/signal.h>
#include <os/sandbox.h>
#include <util/string.h>

static struct {
	struct env        *env;
	struct sandbox     sandbox;
	struct hid const  *current;     /* start node in env->config */
	int                value;       /* first one that is not 0 */
	char              *text;        /* configuration of the sandbox, … */
	size_t             size;
	struct hid        *nodes;       /* … parsed */
	size_t             capacity;
} sequence;

static void next(struct signal_handler *handler, uint64_t count);
static struct signal_handler next_handler = { .handle = next };

/** Within the sandbox's own work: nothing may be changed now */
static void child_exit(struct sandbox *sandbox, int value)
{
	if (!sequence.value)
		sequence.value = value;
	error_ignore(signal_submit(next_handler.cap), "own signal");
}

static struct sandbox_ops const ops = { .exit = child_exit };

/** The start node, but for what it says about the exit */
static void write_start(struct hid_writer *w, struct hid const *start)
{
	char tag[32], value[256];
	hid_begin(w, "start");
	for (struct hid_attribute a = { 0 }; hid_attribute_next(start, &a);) {
		string_copy_part(tag, sizeof tag, a.tag, a.tag_length);
		string_copy_part(value, sizeof value, a.value, a.value_length);
		hid_put_string(w, tag, value);
	}
	for (struct hid const *n = NULL; (n = hid_next(start, n, NULL));)
		if (!hid_type_equals(n, "exit"))
			hid_put_node(w, n);
	hid_begin(w, "exit");
	hid_put_bool(w, "propagate", true);
	hid_end(w);
	hid_end(w);
}

/** All but the start nodes, of which there is one, that tells us when it exits */
static void write_config(struct hid_writer *w)
{
	hid_begin(w, "config");
	for (struct hid const *n = NULL;
	     (n = hid_next(sequence.env->config, n, NULL));)
		if (!hid_type_equals(n, "start"))
			hid_put_node(w, n);
	write_start(w, sequence.current);
	hid_end(w);
}

/** A fresh one: nothing of the former child is left */
static enum error open_sandbox(void)
{
	sandbox_close(&sequence.sandbox);
	sequence.sandbox = (struct sandbox) { .ops = &ops };
	return sandbox_open(&sequence.sandbox, sequence.env);
}

static enum error start_current(void)
{
	struct hid_document document = {
		.nodes = sequence.nodes, .capacity = (uint32_t)sequence.capacity };
	struct hid_writer w;
	size_t length;
	hid_writer_init(&w, sequence.text, sequence.size);
	write_config(&w);
	enum error error = hid_finish(&w, &length);
	if (!error)
		error = open_sandbox();
	if (!error)
		error = hid_parse(&document, sequence.text, length, NULL);
	if (!error)
		error = sandbox_configure(&sequence.sandbox, hid_top(&document));
	return error;
}

static void end(int value)
{
	component_exit(sequence.env, (enum error)value);
}

/** The child has exited: the next one, if there is one */
static void next(struct signal_handler *handler, uint64_t count)
{
	struct hid const *const config = sequence.env->config;
	if (sequence.value && !hid_bool(config, "keep_going", false)) {
		end(sequence.value);
		return;
	}
	sequence.current = hid_next(config, sequence.current, "start");
	if (!sequence.current && hid_bool(config, "repeat", false))
		sequence.current = hid_next(config, NULL, "start");
	if (!sequence.current) {
		end(sequence.value);
		return;
	}
	enum error const error = start_current();
	if (error) {
		log_error("%s", error_text(error));
		end((int)error);
	}
}

/** Room for any of the configurations: each is shorter than ours and 'exit' */
static enum error make_room(struct env *env)
{
	enum { MORE = 256, MORE_NODES = 4 };
	sequence.size     = 2 * (size_t)env->config->size + MORE;
	sequence.capacity = env->config->below + (size_t)MORE_NODES;
	sequence.text     = heap_alloc(env->heap, sequence.size);
	sequence.nodes    = heap_alloc(env->heap,
	                               sequence.capacity * sizeof(struct hid));
	return sequence.text && sequence.nodes ? ERROR_OK : ERROR_NO_RAM;
}

enum error component_construct(struct env *env)
{
	sequence.env = env;
	enum error error = make_room(env);
	if (!error) error = signal_handler_open(&next_handler, env->ep);
	if (!error) error = signal_submit(next_handler.cap);
	return error;
}
