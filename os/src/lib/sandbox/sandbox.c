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
#include <base/resource.h>
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

static enum error check(struct hid const *config, struct hid const *former)
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
		error = hid_check_change(config, former, hid_top(&schema),
		                         &problem);
	if (error)
		log_error("config, line %u: %s", problem.line, problem.text);
	return error;
}

/** Attributes and nodes of a start node that are adjusted without a restart */
static char const *const adjustable_tags[] = {
	"ram", "caps", "ram_max", "caps_max", "exhausted" };
static char const *const adjustable_nodes[] = {
	"config", "route", "provides", "exit", "fault", "heartbeat" };

static bool adjustable(struct hid_attribute const *a)
{
	for (unsigned i = 0; i < array_length(adjustable_tags); i++)
		if (strlen(adjustable_tags[i]) == a->tag_length
		 && !memcmp(adjustable_tags[i], a->tag, a->tag_length))
			return true;
	return false;
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

static bool adjustable_node(struct hid const *node)
{
	for (unsigned i = 0; i < array_length(adjustable_nodes); i++)
		if (hid_type_equals(node, adjustable_nodes[i]))
			return true;
	return false;
}

static struct hid const *next_fixed_node(struct hid const *start,
                                         struct hid const *node)
{
	do
		node = hid_next(start, node, NULL);
	while (node && adjustable_node(node));
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

/** Find the children's new start nodes; those without one are NULL */
static void assign(struct sandbox *sandbox)
{
	char name[CHILD_NAME];
	list_for_each(&sandbox->children, node)
		child_of_node(node)->next_start = NULL;
	for (struct hid const *s = NULL;
	     (s = hid_next(sandbox->config.nodes, s, "start"));) {
		struct child *const child = hid_name(s, name, sizeof name)
			? child_by_name(sandbox, name) : NULL;
		if (child)
			child->next_start = s;
		else if (!child_new(sandbox, s))
			log_error("%s: %s", name, error_text(ERROR_NO_RAM));
	}
}

static bool running(struct child const *child)
{
	return child->state == CHILD_RUNNING || child->state == CHILD_WAITING;
}

/** Let a child that there is go on with the new configuration, or not */
static void adopt(struct child *child)
{
	struct hid const *const former = child->start;
	child->altered = !hid_same_text(former, child->next_start);
	if (former == child->next_start)
		return;                     /* it is a new one */
	if (!child->next_start) {
		child_delete(child);
		return;
	}
	child->start = child->next_start;
	if (!child->altered)
		return;
	if (running(child) ? same_start(former, child->start)
	                   : hid_same(former, child->start)) {
		update_config(child, former);
		return;
	}
	child_stop(child, CHILD_STOPPED);
	child->restarts = 0;
}

/** Sessions follow their routes; a child that does not cope is stopped */
static void reroute(struct child *child)
{
	bool good = running(child);
	if (!good)
		return;
	good = route_interposed(child, "PD") == !!child->seen_pd
	    && route_interposed(child, "CPU") == !!child->seen_cpu;
	list_for_each_safe(&child->clients, node)
		if (good)
			good = connection_reroute(connection_of_client_node(node));
	if (!good)
		child_stop(child, CHILD_STOPPED);
}

/** Whether two configurations have the same node of this type at the top */
static bool same_node(struct hid const *a, struct hid const *b, char const *type)
{
	struct hid const *const x = hid_next(a, NULL, type);
	struct hid const *const y = hid_next(b, NULL, type);
	return x == y || hid_same_text(x, y);
}

/** Whether nothing has changed that could lead an old session elsewhere */
static bool same_routes(struct sandbox *sandbox, struct hid const *former)
{
	struct hid const *const now = sandbox->config.nodes;
	list_for_each(&sandbox->children, node) {
		struct child const *const child = child_of_node(node);
		bool const new = child->start == child->next_start
		                 && child->state == CHILD_STOPPED;
		if ((child->altered || new)
		 && (!new || hid_next(child->start, NULL, "provides")))
			return false;
	}
	return same_node(former, now, "default-route")
	    && same_node(former, now, "parent-provides");
}

static void take_over(struct sandbox *sandbox, struct hid const *former)
{
	assign(sandbox);
	unsigned gone = 0;
	list_for_each_safe(&sandbox->children, node) {
		gone += !child_of_node(node)->next_start;
		adopt(child_of_node(node));
	}
	if (!gone && same_routes(sandbox, former))
		return;
	list_for_each(&sandbox->children, node)
		reroute(child_of_node(node));
}

/** What is taken away may be what others get */
static void adjust_quotas(struct sandbox *sandbox, bool all)
{
	for (unsigned i = 0; i < 2; i++)
		list_for_each(&sandbox->children, node) {
			struct child *const child = child_of_node(node);
			if (running(child) && (all || child->altered
			                       || child->owes_ram
			                       || child->owes_caps))
				child_adjust(child);
		}
}

static void start_children(struct sandbox *sandbox)
{
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
	child_call(child);
}

static void set_timer(struct sandbox *sandbox)
{
	uint64_t at = beat_period(sandbox) ? sandbox->beat_at : UINT64_MAX;
	list_for_each(&sandbox->restarting, node)
		at = min(at, container_of(node, struct child,
		                          restarting)->restart_at);
	error_ignore(signal_handler_at(&sandbox->timer, at), "own handler");
}

/** Children whose state was touched within one of their calls */
static void visit_busy(struct sandbox *sandbox)
{
	struct list_node *node;
	while ((node = list_take_first(&sandbox->busy))) {
		struct child *const child = container_of(node, struct child, busy);
		if (child->answered)
			child_answered(child);
		if (child_conclude(child))
			sandbox->changed = true;
	}
}

static void visit_due(struct sandbox *sandbox, uint64_t now)
{
	list_for_each_safe(&sandbox->restarting, node)
		child_restart_if_due(container_of(node, struct child,
		                                  restarting), now);
	if (!beat_period(sandbox) || now < sandbox->beat_at)
		return;
	sandbox->beat_at = now + beat_period(sandbox);
	list_for_each(&sandbox->children, node)
		beat(child_of_node(node));
}

static void do_work(struct sandbox *sandbox)
{
	visit_busy(sandbox);
	visit_due(sandbox, clock_us());
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

/** The own account has grown, or so the own parent says */
static void available(struct signal_handler *handler, uint64_t count)
{
	struct sandbox *const sandbox =
		container_of(handler, struct sandbox, available);
	sandbox->asking = false;
	list_for_each(&sandbox->children, node) {
		struct child *const child = child_of_node(node);
		child_grant(child);
		if (child_lacks(child))
			child_start(child);
	}
}

/* -- interface -- */

enum error sandbox_open(struct sandbox *sandbox, struct env *env)
{
	*sandbox = (struct sandbox) {
		.ops = sandbox->ops, .env = env, .answers.handle = answers,
		.available.handle = available, .work.handle = work,
		.timer.handle = timer };
	/* waiting within a child's call would let the others wait, too */
	if (resource_ask(env, RESOURCE_AT_ONCE) == RESOURCE_NEVER)
		resource_ask(env, RESOURCE_NEVER);
	enum error error = signal_handler_open(&sandbox->answers, env->ep);
	if (!error)
		error = signal_handler_open(&sandbox->available, env->ep);
	if (!error)
		error = signal_handler_open(&sandbox->work, env->ep);
	if (!error)
		error = signal_handler_open(&sandbox->timer, env->ep);
	if (error)
		sandbox_close(sandbox);
	return error;
}

void sandbox_provide(struct sandbox *sandbox, struct sandbox_service *service)
{
	list_append(&sandbox->local, &service->node);
}

enum error sandbox_configure(struct sandbox *sandbox, struct hid const *config)
{
	struct sandbox_config former = sandbox->config, next;
	enum error error = check(config, former.nodes);
	if (!error)
		error = config_copy(sandbox, config, &next);
	if (error)
		return error;

	sandbox->config = next;
	route_check(sandbox);
	bool const same = same_node(former.nodes, next.nodes, "default");
	take_over(sandbox, former.nodes);
	config_free(sandbox, &former);
	adjust_quotas(sandbox, !same);
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
	signal_handler_close(&sandbox->available);
	signal_handler_close(&sandbox->work);
	signal_handler_close(&sandbox->timer);
	while (list_take_first(&sandbox->local))
		;
	sandbox->env = NULL;
}
