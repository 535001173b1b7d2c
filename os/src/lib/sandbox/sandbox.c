/* SPDX-License-Identifier: MIT */
/*
 * Sandbox: configuration and life of the whole
 *
 * Everything runs in one entrypoint. RPCs of children note what must not happen
 * within them and submit 'work'.
 */

/* public */
#include <base/hid.h>
#include <base/log.h>
#include <base/resource.h>
#include <util/container_of.h>
#include <util/minmax.h>
#include <util/string.h>

/* local */
#include "config.h"
#include "config_rom.h"
#include "schema.h"

void sandbox_touch(struct sandbox *sandbox)
{
	if (!sandbox->ops || !sandbox->ops->state)
		return;
	if (!sandbox->changed)
		error_ignore(signal_submit(sandbox->work.cap), "own signal");
	sandbox->changed = true;
}

/* -- configuration -- */

enum error sandbox_check(struct hid const *config, struct hid const *former)
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
	"ram", "caps", "ram_max", "caps_max", "exhausted", "priority",
	"cpu_quota", "cpu", "cpus" };
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

/** The child of start node 'start', new if need be; NULL: no RAM */
static struct child *child_for(struct sandbox *sandbox, struct hid const *start)
{
	char name[CHILD_NAME] = "";
	hid_name(start, name, sizeof name);
	struct child *const child = child_by_name(sandbox, name);
	return child ? child : child_new(sandbox, name);
}

/** Note its new start node, and read that if it is another one */
static enum error prepare_child(struct child *child, struct hid const *start)
{
	if (child->own.count) {
		log_error("config, line %u: child '%s' was added before",
		          start->line, child->name);
		return ERROR_CONFLICT;
	}
	child->next_start = start;
	child->altered    = child->fresh || !hid_same_text(child->start, start);
	return child->altered
		? policy_read(&child->next_policy, child->sandbox->env->heap,
		              start)
		: ERROR_OK;
}

/** Forget what prepare did */
static void unprepare(struct sandbox *sandbox)
{
	list_for_each_safe(&sandbox->children, node) {
		struct child *const child = child_of_node(node);
		policy_free(&child->next_policy, sandbox->env->heap);
		if (child->fresh)
			child_delete(child);
	}
}

/** Whether the child is that of 'start', with nothing changed; notes it then */
static bool unchanged(struct child *child, struct hid const *start)
{
	if (child->own.count || !hid_same_text(start, child->start))
		return false;
	child->next_start = start;
	return true;
}

/**
 * Find the children's new start nodes, NULL without one, and read them
 *
 * Mostly, the next child is that of the next start node.
 */
static enum error prepare(struct sandbox *sandbox, struct hid const *top)
{
	struct list *const children = &sandbox->children;
	struct list_node *next = list_first(children);
	enum error error = ERROR_OK;
	list_for_each(children, node) {
		child_of_node(node)->next_start = NULL;
		child_of_node(node)->altered    = false;
	}
	for (struct hid const *s = NULL;
	     !error && (s = hid_next(top, s, "start"));) {
		if (!next || !unchanged(child_of_node(next), s)) {
			struct child *const child = child_for(sandbox, s);
			error = child ? prepare_child(child, s) : ERROR_NO_RAM;
			next  = child ? &child->node : NULL;
		}
		if (next)
			next = list_next(children, next);
	}
	if (error)
		unprepare(sandbox);
	return error;
}

static bool running(struct child const *child)
{
	return child->state == CHILD_RUNNING || child->state == CHILD_WAITING;
}

/** Whether a change of this child may lead sessions of others elsewhere */
static bool matters(struct child const *child)
{
	return (!child->next_start || child->altered)
	    && (child->policy.provides.count
	        || child->next_policy.provides.count);
}

/** Let a child that there is go on with the new configuration, or not */
static void adopt(struct child *child)
{
	struct hid const *const former = child->start;
	bool const fresh = child->fresh;
	if (!child->next_start) {
		child_delete(child);
		return;
	}
	child->start = child->next_start;
	child->fresh = false;
	if (!child->altered)
		return;
	child_follow(child);
	if (fresh)
		return;
	if (running(child) ? same_start(former, child->start)
	                     && child_move(child)
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

void sandbox_reroute(struct sandbox *sandbox)
{
	list_for_each(&sandbox->children, node)
		reroute(child_of_node(node));
}

/** Whether two configurations have the same node of this type at the top */
static bool same_node(struct hid const *a, struct hid const *b, char const *type)
{
	struct hid const *const x = hid_next(a, NULL, type);
	struct hid const *const y = hid_next(b, NULL, type);
	return x == y || hid_same_text(x, y);
}

static bool same_routes(struct hid const *a, struct hid const *b)
{
	return same_node(a, b, "default-route")
	    && same_node(a, b, "parent-provides");
}

static void check_routes(struct sandbox *sandbox, bool all)
{
	if (all)
		route_check(sandbox, sandbox->config.routes);
	list_for_each(&sandbox->children, node)
		if (child_of_node(node)->altered)
			route_check(sandbox, child_of_node(node)->policy.routes);
}

static void take_over(struct sandbox *sandbox, struct hid const *former)
{
	bool const same = same_routes(sandbox->config.nodes, former);
	bool moved = !same;
	list_for_each_safe(&sandbox->children, node)
		if (!child_of_node(node)->own.count) {
			moved |= matters(child_of_node(node));
			adopt(child_of_node(node));
		}
	check_routes(sandbox, !same);
	list_for_each(&sandbox->children, node)
		if (moved || child_of_node(node)->altered)
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
				child_adjust(child, i);
		}
}

/** What one gives back may be what another gets */
static void adjust_limits(struct sandbox *sandbox)
{
	bool good = false;
	for (unsigned i = 0; !good && i < 2; i++) {
		good = true;
		list_for_each(&sandbox->children, node)
			if (running(child_of_node(node)))
				good &= child_limit(child_of_node(node), i);
	}
}

/** Another configuration may have what a child was lacking that failed to start */
static void start_failed(struct sandbox *sandbox)
{
	list_for_each(&sandbox->children, node)
		if (child_of_node(node)->state == CHILD_FAILED)
			child_start(child_of_node(node));
}

void sandbox_start_stopped(struct sandbox *sandbox)
{
	list_for_each(&sandbox->children, node)
		if (child_of_node(node)->state == CHILD_STOPPED)
			child_start(child_of_node(node));
}

/* -- time -- */

/** Note that the former call was not answered, and call again */
static void beat(struct child *child)
{
	if (child->state != CHILD_RUNNING || !child->policy.heartbeat)
		return;
	if (child->beating) {
		child->skipped_beats++;
		sandbox_touch(child->sandbox);
	}
	if (child->skipped_beats >= child->policy.beats) {
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
	uint64_t at = sandbox->config.beat_period ? sandbox->beat_at : UINT64_MAX;
	list_for_each(&sandbox->restarting, node)
		at = min(at, container_of(node, struct child,
		                          restarting)->restart_at);
	if (at == sandbox->timer_at)
		return;
	sandbox->timer_at = at;
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
	if (!sandbox->config.beat_period || now < sandbox->beat_at)
		return;
	sandbox->beat_at = now + sandbox->config.beat_period;
	list_for_each(&sandbox->children, node)
		beat(child_of_node(node));
}

static void do_work(struct sandbox *sandbox)
{
	visit_busy(sandbox);
	visit_due(sandbox, clock_us());
	set_timer(sandbox);
	bool const changed = sandbox->changed;
	sandbox->changed = false;       /* what 'state' does is told the next time */
	if (changed && sandbox->ops && sandbox->ops->state)
		sandbox->ops->state(sandbox);
}

static void work(struct signal_handler *handler, uint64_t count)
{
	do_work(container_of(handler, struct sandbox, work));
}

static void timer(struct signal_handler *handler, uint64_t count)
{
	struct sandbox *const sandbox =
		container_of(handler, struct sandbox, timer);
	sandbox->timer_at = UINT64_MAX;
	do_work(sandbox);
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
		.timer.handle = timer, .timer_at = UINT64_MAX };
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
	enum error error = sandbox_check(config, former.nodes);
	if (!error)
		error = config_open(sandbox, config, &next);
	if (error)
		return error;
	error = prepare(sandbox, next.nodes);
	if (error) {
		config_free(sandbox, &next);
		return error;
	}
	sandbox->config = next;
	bool const same = same_node(former.nodes, next.nodes, "default");
	bool const other = !hid_same_text(former.nodes, next.nodes);
	take_over(sandbox, former.nodes);
	config_free(sandbox, &former);
	adjust_quotas(sandbox, !same);
	adjust_limits(sandbox);
	if (other)
		start_failed(sandbox);
	sandbox_start_stopped(sandbox);
	sandbox_touch(sandbox);
	sandbox->beat_at = min(sandbox->beat_at,
	                       clock_us() + sandbox->config.beat_period);
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
