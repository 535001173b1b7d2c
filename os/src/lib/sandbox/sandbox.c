/* SPDX-License-Identifier: MIT */
/*
 * Sandbox: configuration and life of the whole
 *
 * Everything runs in one entrypoint. RPCs of children note what must not happen
 * within them and submit 'work'.
 */

/* public */
#include <base/heap.h>
#include <base/hid.h>
#include <base/log.h>
#include <util/container_of.h>
#include <util/minmax.h>
#include <util/string.h>

/* local */
#include "config_rom.h"
#include "schema.h"

void sandbox_touch(struct sandbox *sandbox)
{
	if (!sandbox->changed && sandbox->ops && sandbox->ops->state)
		error_ignore(signal_submit(sandbox->work.cap), "own signal");
	sandbox->changed = true;
}

/* -- configuration -- */

static void config_free(struct sandbox *sandbox, struct sandbox_config *config)
{
	heap_free(sandbox->env->heap, config->nodes,
	          config->count * sizeof(struct hid));
	heap_free(sandbox->env->heap, config->text, config->size);
	*config = (struct sandbox_config) { 0 };
}

/** Copy 'top' and what is below; the lines stay those of the original */
static enum error config_copy(struct sandbox *sandbox, struct hid const *top,
                              struct sandbox_config *config)
{
	*config = (struct sandbox_config) {
		.size = top->size, .count = top->below + (size_t)1 };
	config->text  = heap_alloc(sandbox->env->heap, config->size);
	config->nodes = heap_alloc(sandbox->env->heap,
	                           config->count * sizeof(struct hid));
	if (!config->text || !config->nodes) {
		config_free(sandbox, config);
		return ERROR_NO_RAM;
	}
	memcpy(config->text, top->text, config->size);
	for (size_t i = 0; i < config->count; i++) {
		config->nodes[i] = top[i];
		config->nodes[i].text = config->text + (top[i].text - top->text);
	}
	return ERROR_OK;
}

static enum error check(struct hid const *config)
{
	static struct hid nodes[128];
	static struct hid_document schema = {
		.nodes = nodes, .capacity = array_length(nodes) };
	struct hid_error problem = { 0 };
	enum error error = ERROR_OK;

	if (!hid_top(&schema))
		error = hid_parse(&schema, sandbox_schema, (size_t)
		                  (sandbox_schema_end - sandbox_schema), &problem);
	if (!error)
		error = hid_check_content(config, hid_top(&schema), &problem);
	if (error)
		log_error("config, line %u: %s", problem.line, problem.text);
	return error;
}

/** Whether 'node' is something that is adjusted in place, not by a restart */
static bool adjustable(struct hid_attribute const *a)
{
	return (a->tag_length == 3 && memcmp(a->tag, "ram", 3) == 0)
	    || (a->tag_length == 4 && memcmp(a->tag, "caps", 4) == 0);
}

static bool next_fixed(struct hid const *start, struct hid_attribute *a)
{
	bool more;
	while ((more = hid_attribute_next(start, a)) && adjustable(a))
		;
	return more;
}

static bool same_attributes(struct hid const *a, struct hid const *b)
{
	struct hid_attribute x = { 0 }, y = { 0 };
	for (;;) {
		bool const more = next_fixed(a, &x);
		if (more != next_fixed(b, &y))
			return false;
		if (!more)
			return true;
		if (x.tag_length != y.tag_length
		 || x.value_length != y.value_length
		 || memcmp(x.tag, y.tag, x.tag_length) != 0
		 || memcmp(x.value, y.value, x.value_length) != 0)
			return false;
	}
}

static struct hid const *next_fixed_node(struct hid const *start,
                                         struct hid const *node)
{
	do
		node = hid_next(start, node, NULL);
	while (node && hid_type_equals(node, "config"));
	return node;
}

/** Whether a child of start node 'a' can go on as one of 'b' */
static bool same_start(struct hid const *a, struct hid const *b)
{
	struct hid const *x = NULL, *y = NULL;
	if (!same_attributes(a, b))
		return false;
	do {
		x = next_fixed_node(a, x);
		y = next_fixed_node(b, y);
	} while (x && y && hid_same(x, y));
	return !x && !y;
}

static struct hid const *start_node(struct sandbox_config const *config,
                                    char const *name)
{
	for (struct hid const *s = NULL;
	     (s = hid_next(config->nodes, s, "start"));)
		if (hid_equals(s, "name", name))
			return s;
	return NULL;
}

/** Inline configurations of a child that goes on */
static void update_config(struct child *child, struct hid const *former)
{
	if (hid_same(hid_next(former, NULL, "config"),
	             hid_next(child->start, NULL, "config")))
		return;
	list_for_each(&child->clients, node)
		if (connection_of_client_node(node)->rom)
			config_rom_update(connection_of_client_node(node));
}

/** Let a child that there is go on with the new configuration, or not */
static void adopt(struct sandbox *sandbox, struct child *child)
{
	struct hid const *const former = child->start;
	struct hid const *const start = start_node(&sandbox->config, child->name);
	if (!start) {
		child_delete(child);
		return;
	}
	child->start = start;
	if (same_start(former, start)) {
		child_adjust(child);
		update_config(child, former);
		return;
	}
	child_stop(child, CHILD_STOPPED);
	child->restarts = 0;
}

static void start_children(struct sandbox *sandbox)
{
	char name[CHILD_NAME];
	for (struct hid const *s = NULL;
	     (s = hid_next(sandbox->config.nodes, s, "start"));)
		if (hid_name(s, name, sizeof name)
		 && !child_by_name(sandbox, name) && !child_new(sandbox, s))
			log_error("%s: %s", name, error_text(ERROR_NO_RAM));

	list_for_each(&sandbox->children, node)
		if (child_of_node(node)->state == CHILD_STOPPED)
			child_start(child_of_node(node));
}

/* -- time -- */

static uint64_t beat_period(struct sandbox const *sandbox)
{
	struct hid const *const node =
		hid_next(sandbox->config.nodes, NULL, "heartbeat");
	return hid_uint(node, "every_ms", 0) * 1000;
}

/** Note that the former call was not answered, and call again */
static void beat(struct child *child)
{
	struct hid const *const node = hid_next(child->start, NULL, "heartbeat");
	if (child->state != CHILD_RUNNING || !node)
		return;
	if (child->beating) {
		child->skipped_beats++;
		sandbox_touch(child->sandbox);
	}
	uint64_t const limit = hid_uint(node, "restart", UINT64_MAX);
	if (child->skipped_beats >= limit) {
		log_error("%s: no sign of life, is started again", child->name);
		child->restarts++;
		child_stop(child, CHILD_STOPPED);
		child_start(child);
		return;
	}
	child->beating = true;
	if (child->heartbeat.cap)
		error_ignore(signal_submit(child->heartbeat), "it is ending");
}

static void set_timer(struct sandbox *sandbox)
{
	uint64_t at = beat_period(sandbox) ? sandbox->beat_at : UINT64_MAX;
	list_for_each(&sandbox->children, node) {
		uint64_t const restart_at = child_of_node(node)->restart_at;
		if (restart_at)
			at = min(at, restart_at);
	}
	error_ignore(signal_handler_at(&sandbox->timer, at), "own handler");
}

static void do_work(struct sandbox *sandbox)
{
	uint64_t const now = clock_us();
	list_for_each(&sandbox->children, node)
		if (child_of_node(node)->answered)
			child_answered(child_of_node(node));
	list_for_each(&sandbox->children, node)
		if (child_conclude(child_of_node(node)))
			sandbox->changed = true;
	list_for_each(&sandbox->children, node)
		child_restart_if_due(child_of_node(node), now);
	if (beat_period(sandbox) && now >= sandbox->beat_at) {
		sandbox->beat_at = now + beat_period(sandbox);
		list_for_each(&sandbox->children, node)
			beat(child_of_node(node));
	}
	set_timer(sandbox);
	if (sandbox->changed && sandbox->ops && sandbox->ops->state)
		sandbox->ops->state(sandbox);
	sandbox->changed = false;
}

static void work(struct signal_handler *handler, uint64_t count)
{
	do_work(container_of(handler, struct sandbox, work));
}

static void timer(struct signal_handler *handler, uint64_t count)
{
	do_work(container_of(handler, struct sandbox, timer));
}

static void answers(struct signal_handler *handler, uint64_t count)
{
	connection_poll(container_of(handler, struct sandbox, answers));
}

/* -- interface -- */

enum error sandbox_open(struct sandbox *sandbox, struct env *env)
{
	*sandbox = (struct sandbox) {
		.ops = sandbox->ops, .env = env, .answers.handle = answers,
		.work.handle = work, .timer.handle = timer };
	enum error error = signal_handler_open(&sandbox->answers, env->ep);
	if (!error)
		error = signal_handler_open(&sandbox->work, env->ep);
	if (!error)
		error = signal_handler_open(&sandbox->timer, env->ep);
	if (error)
		sandbox_close(sandbox);
	return error;
}

enum error sandbox_configure(struct sandbox *sandbox, struct hid const *config)
{
	struct sandbox_config former = sandbox->config, next;
	enum error error = check(config);
	if (!error)
		error = config_copy(sandbox, config, &next);
	if (error)
		return error;

	sandbox->config = next;
	route_check(sandbox);
	list_for_each_safe(&sandbox->children, node)
		adopt(sandbox, child_of_node(node));
	config_free(sandbox, &former);
	start_children(sandbox);
	sandbox_touch(sandbox);
	set_timer(sandbox);
	return ERROR_OK;
}

void sandbox_close(struct sandbox *sandbox)
{
	if (!sandbox->env)
		return;
	list_for_each_safe(&sandbox->children, node)
		child_delete(child_of_node(node));
	config_free(sandbox, &sandbox->config);
	signal_handler_close(&sandbox->answers);
	signal_handler_close(&sandbox->work);
	signal_handler_close(&sandbox->timer);
	sandbox->env = NULL;
}
