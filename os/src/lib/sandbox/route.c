/* SPDX-License-Identifier: MIT */
/*
 * Routes
 *
 * Targets of a rule are all nodes below it, so that they can stand in one line:
 * "+ any-service | + parent | + any-child". A grant is of the innermost target
 * around it. All of a node's routes are in one block of memory: rules, targets,
 * grants, strings.
 */

/* public */
#include <base/heap.h>
#include <base/log.h>
#include <util/container_of.h>
#include <util/minmax.h>
#include <util/string.h>

/* local */
#include "route.h"

enum target_kind { TARGET_PARENT, TARGET_CHILD, TARGET_ANY_CHILD, TARGET_LOCAL };

struct target {
	enum target_kind  kind;
	uint32_t          line;
	char const       *name;        /* of TARGET_CHILD */
	char const       *label;       /* NULL: the client's */
	struct hid const *node;        /* while it is read */
};

/** What of the label has to match; NULL: anything */
enum { LABEL, LABEL_PREFIX, LABEL_SUFFIX, LABEL_LAST, MATCHES };

struct rule {
	char const    *service;         /* NULL: any */
	char const    *label[MATCHES];
	struct target *targets;
	struct grant  *grants;
	unsigned       n_targets, n_grants;
};

struct routes {
	size_t       size;              /* of the block */
	unsigned     count;
	struct rule *rules;
};

/* -- reading -- */

/** Where the next thing of each kind goes */
struct block { struct rule *rules; struct target *targets; struct grant *grants;
               char *text; };

static bool target_kind_of(struct hid const *node, enum target_kind *kind)
{
	static char const *const types[] = {
		[TARGET_PARENT] = "parent", [TARGET_CHILD] = "child",
		[TARGET_ANY_CHILD] = "any-child", [TARGET_LOCAL] = "local" };
	for (unsigned i = 0; i < array_length(types); i++)
		if (hid_type_equals(node, types[i])) {
			*kind = (enum target_kind)i;
			return true;
		}
	return false;
}

/** Copy of the attribute's value; NULL: it is absent */
static char const *text_of(struct hid const *node, char const *tag,
                           struct block *b)
{
	struct hid_attribute a;
	if (!hid_attribute(node, tag, &a))
		return NULL;
	char *const text = b->text;
	memcpy(text, a.value, a.value_length);
	b->text += a.value_length + 1;       /* the block is zeroed */
	return text;
}

static bool around(struct hid const *node, struct hid const *inner)
{
	return node < inner && inner <= node + node->below;
}

static enum error refuse(struct hid const *node, char const *what)
{
	log_error("config, line %u: node '%.*s': %s", node->line,
	          (int)node->type_length, node->text + node->type_offset, what);
	return ERROR_INVALID;
}

static enum error read_grant(struct rule *rule, struct hid const *node,
                             struct block *b)
{
	struct grant *const grant = b->grants++;
	char const *const wrong = grant_read(grant, node, &b->text);
	char const *const service = grant_service(grant->kind);
	if (wrong)
		return refuse(node, wrong);
	if (service && rule->service && !string_equal(service, rule->service))
		return refuse(node, "is of no use to the service of its rule");
	for (unsigned i = 0; i < rule->n_targets; i++)
		if (around(rule->targets[i].node, node))
			grant->target = i;
	rule->n_grants++;
	return ERROR_OK;
}

static void read_target(struct rule *rule, struct hid const *node,
                        enum target_kind kind, struct block *b)
{
	*b->targets++ = (struct target) {
		.kind = kind, .line = node->line, .node = node,
		.name  = kind == TARGET_CHILD ? text_of(node, "name", b) : NULL,
		.label = text_of(node, "label", b) };
	rule->n_targets++;
}

static enum error read_rule(struct hid const *node, struct block *b)
{
	static char const *const tags[MATCHES] = {
		"label", "label_prefix", "label_suffix", "label_last" };
	struct rule *const rule = b->rules++;
	enum target_kind kind;
	enum grant_kind ignored;
	enum error error = ERROR_OK;
	*rule = (struct rule) { .targets = b->targets, .grants = b->grants };
	if (hid_type_equals(node, "service")) {
		rule->service = text_of(node, "name", b);
		for (unsigned i = 0; i < MATCHES; i++)
			rule->label[i] = text_of(node, tags[i], b);
	}
	for (struct hid const *n = NULL;
	     !error && (n = hid_next_below(node, n, NULL));)
		if (target_kind_of(n, &kind))
			read_target(rule, n, kind, b);
		else if (grant_kind_of(n, &ignored))
			error = read_grant(rule, n, b);
	return error;
}

/** Sizes of what is in the block */
struct sizes { size_t rules, targets, grants, text; };

static struct sizes measure(struct hid const *node)
{
	struct sizes s = { .text = node->size };
	enum target_kind target;
	enum grant_kind grant;
	for (struct hid const *n = NULL; (n = hid_next(node, n, NULL));)
		s.rules++;
	for (struct hid const *n = NULL; (n = hid_next_below(node, n, NULL));) {
		s.targets += target_kind_of(n, &target);
		s.grants  += grant_kind_of(n, &grant);
	}
	s.text += s.grants * GRANT_EXTRA;
	s.rules   *= sizeof(struct rule);
	s.targets *= sizeof(struct target);
	s.grants  *= sizeof(struct grant);
	return s;
}

enum error routes_read(struct routes **result, struct heap *heap,
                       struct hid const *node)
{
	struct sizes const s = measure(node);
	size_t const size = sizeof(struct routes) + s.rules + s.targets
	                    + s.grants + s.text;
	struct routes *const routes = heap_alloc(heap, size);
	if (!routes)
		return ERROR_NO_RAM;
	char *const at = (char *)(routes + 1);
	struct block b = {
		.rules   = (void *)at,
		.targets = (void *)(at + s.rules),
		.grants  = (void *)(at + s.rules + s.targets),
		.text    = at + s.rules + s.targets + s.grants };
	*routes = (struct routes) { .size = size, .rules = b.rules };

	enum error error = ERROR_OK;
	for (struct hid const *n = NULL;
	     !error && (n = hid_next(node, n, NULL)); routes->count++)
		error = read_rule(n, &b);
	if (error)
		routes_free(routes, heap);
	else
		*result = routes;
	return error;
}

void routes_free(struct routes *routes, struct heap *heap)
{
	if (routes)
		heap_free(heap, routes, routes->size);
}

/* -- matching -- */

/** What stands behind the last " -> " */
static char const *last_part(char const *label)
{
	char const *last = label;
	for (; *label; label++)
		if (string_starts(label, " -> "))
			last = label + 4;
	return last;
}

static bool applies(struct rule const *rule, struct route_request const *request)
{
	char const *const *const want = rule->label;
	char const *const label = request->label;
	if (rule->service && !string_equal(rule->service, request->service))
		return false;
	return (!want[LABEL] || string_equal(label, want[LABEL]))
	    && (!want[LABEL_PREFIX] || string_starts(label, want[LABEL_PREFIX]))
	    && (!want[LABEL_SUFFIX] || string_ends(label, want[LABEL_SUFFIX]))
	    && (!want[LABEL_LAST]
	        || string_equal(last_part(label), want[LABEL_LAST]));
}

/** The rule that applies; NULL: none */
static struct rule const *find_rule(struct routes const *routes,
                                    struct route_request const *request)
{
	for (unsigned i = 0; routes && i < routes->count; i++)
		if (applies(&routes->rules[i], request))
			return &routes->rules[i];
	return NULL;
}

static struct child *any_child(struct child *client, char const *service)
{
	list_for_each(&client->sandbox->providers, node) {
		struct child *const child =
			container_of(node, struct child, provider);
		if (child != client && child_alive(child)
		 && child_provides(child, service))
			return child;
	}
	return NULL;
}

static struct service *local_service(struct sandbox *sandbox,
                                     char const *name)
{
	list_for_each(&sandbox->local, node) {
		struct service *const service =
			container_of(node, struct sandbox_service, node)->service;
		if (string_equal(service->name, name))
			return service;
	}
	return NULL;
}

/** Whether 'target' leads somewhere; fills in target and server */
static bool reachable(struct child *client, struct target const *target,
                      char const *service, struct route *route)
{
	struct sandbox *const sandbox = client->sandbox;
	route->server = NULL;
	route->local  = NULL;
	switch (target->kind) {
	case TARGET_PARENT:
		route->target = ROUTE_PARENT;
		return words_contain(&sandbox->config.inherited, service);
	case TARGET_LOCAL:
		route->target = ROUTE_LOCAL;
		route->local  = local_service(sandbox, service);
		return route->local;
	case TARGET_ANY_CHILD:
		route->target = ROUTE_CHILD;
		route->server = any_child(client, service);
		return route->server;
	case TARGET_CHILD:
		route->target = ROUTE_CHILD;
		route->server = target->name
			? child_by_name(sandbox, target->name) : NULL;
	}
	return route->server && child_alive(route->server)
	       && child_provides(route->server, service);
}

/** Whether the client may have what it asks for; sets the session's text */
static bool granted(struct rule const *rule, struct target const *target,
                    struct route_request const *request, struct route *route)
{
	unsigned const number = (unsigned)(target - rule->targets);
	bool needed = route->target == ROUTE_PARENT
	              && grant_needed(request->service);
	for (unsigned i = 0; i < rule->n_grants; i++) {
		struct grant const *const g = &rule->grants[i];
		char const *const service = grant_service(g->kind);
		if (g->target != number
		 || (service && !string_equal(service, request->service)))
			continue;
		if (grant_text(g, request->text, route->text)) {
			route->granted = true;
			return true;
		}
		needed = true;
	}
	return !needed;
}

enum error route_label(struct child const *client, char const *label,
                       char result[SESSION_LABEL])
{
	bool good = string_copy(result, SESSION_LABEL, client->name);
	if (*label)
		good = good && string_append(result, SESSION_LABEL, " -> ")
		            && string_append(result, SESSION_LABEL, label);
	return good ? ERROR_OK : ERROR_LIMIT;
}

/** The label that the server sees: the client's name in front, or another one */
static enum error set_label(struct child const *client, char const *fixed,
                            char const *label, struct route *route)
{
	if (!fixed)
		return route_label(client, label, route->label);
	return string_copy(route->label, sizeof route->label, fixed)
		? ERROR_OK : ERROR_LIMIT;
}

/** "config" is the inline one, unless the start node routes it by that label */
static bool inline_config(struct routes const *routes,
                          struct route_request const *request)
{
	if (!string_equal(request->service, "ROM")
	 || !string_equal(request->label, "config"))
		return false;
	struct rule const *const rule = find_rule(routes, request);
	return !rule || !(rule->label[LABEL] || rule->label[LABEL_LAST]);
}

enum error route_find(struct child *client, struct route_request const *request,
                      struct route *route)
{
	struct routes const *const own = client->policy.routes;
	route->granted = false;
	if (inline_config(own, request)) {
		route->target = ROUTE_CONFIG;
		return set_label(client, NULL, request->label, route);
	}
	struct rule const *const rule =
		find_rule(own ? own : client->sandbox->config.routes, request);
	for (unsigned i = 0; rule && i < rule->n_targets; i++) {
		struct target const *const target = &rule->targets[i];
		if (reachable(client, target, request->service, route)
		 && granted(rule, target, request, route))
			return set_label(client, target->label, request->label,
			                 route);
	}
	return ERROR_DENIED;
}

bool route_interposed(struct child *client, char const *service)
{
	struct route_request const request = { .service = service, .label = "" };
	struct rule const *const rule =
		find_rule(client->policy.routes, &request);
	struct route route;
	if (!rule || !rule->service)
		return false;
	for (unsigned i = 0; i < rule->n_targets; i++)
		if (reachable(client, &rule->targets[i], service, &route))
			return route.target != ROUTE_PARENT;
	return false;
}

void route_check(struct sandbox *sandbox, struct routes const *routes)
{
	for (unsigned i = 0; routes && i < routes->count; i++) {
		struct rule const *const rule = &routes->rules[i];
		for (unsigned k = 0; k < rule->n_targets; k++) {
			char const *const name = rule->targets[k].name;
			if (name && !child_by_name(sandbox, name))
				log_warning("config, line %u: there is no child"
				            " '%s'", rule->targets[k].line, name);
		}
	}
}
