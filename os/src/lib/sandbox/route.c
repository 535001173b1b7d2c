/* SPDX-License-Identifier: MIT */
/*
 * Routes
 *
 * Targets of a rule are all nodes below it, so that they can stand in one line:
 * "+ any-service | + parent | + any-child".
 */

/* public */
#include <base/hid.h>
#include <base/log.h>
#include <util/container_of.h>
#include <util/string.h>

/* local */
#include "route.h"

/** Whether the attribute is absent, or a text that 'fits' the label */
static bool match(struct hid const *rule, char const *tag, char const *label,
                  bool (*fits)(char const *label, char const *text))
{
	char text[SESSION_LABEL];
	if (!hid_has(rule, tag))
		return true;
	return hid_string(rule, tag, text, sizeof text) && fits(label, text);
}

/** What stands behind the last " -> " */
static char const *last_part(char const *label)
{
	char const *last = label;
	for (; *label; label++)
		if (string_starts(label, " -> "))
			last = label + 4;
	return last;
}

static bool fits_last(char const *label, char const *text)
{
	return string_equal(last_part(label), text);
}

static bool applies(struct hid const *rule, struct route_request const *request)
{
	if (!hid_type_equals(rule, "any-service")
	 && !(hid_type_equals(rule, "service")
	      && hid_equals(rule, "name", request->service)))
		return false;
	return match(rule, "label", request->label, string_equal)
	    && match(rule, "label_prefix", request->label, string_starts)
	    && match(rule, "label_suffix", request->label, string_ends)
	    && match(rule, "label_last", request->label, fits_last);
}

static struct hid const *named_below(struct hid const *top, char const *type,
                                     char const *name)
{
	for (struct hid const *n = NULL; (n = hid_next_below(top, n, type));)
		if (hid_equals(n, "name", name))
			return n;
	return NULL;
}

static struct child *any_child(struct child *client, char const *service)
{
	list_for_each(&client->sandbox->children, node) {
		struct child *const child = child_of_node(node);
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
static bool reachable(struct child *client, struct hid const *target,
                      char const *service, struct route *route)
{
	struct sandbox *const sandbox = client->sandbox;
	struct hid const *const provided =
		hid_next(sandbox->config.nodes, NULL, "parent-provides");
	char name[CHILD_NAME];

	route->server = NULL;
	route->target = ROUTE_PARENT;
	if (hid_type_equals(target, "parent"))
		return named_below(provided, "service", service);

	if (hid_type_equals(target, "local")) {
		route->target = ROUTE_LOCAL;
		route->local  = local_service(sandbox, service);
		return route->local;
	}
	route->target = ROUTE_CHILD;
	if (hid_type_equals(target, "any-child"))
		route->server = any_child(client, service);
	else if (hid_type_equals(target, "child")
	         && hid_name(target, name, sizeof name))
		route->server = child_by_name(sandbox, name);
	return route->server && child_alive(route->server)
	       && child_provides(route->server, service);
}

/** The label that the server sees: the client's name in front, or another one */
static enum error set_label(struct child const *client,
                            struct hid const *target, char const *label,
                            struct route *route)
{
	if (hid_has(target, "label"))
		return hid_string(target, "label", route->label,
		                  sizeof route->label) ? ERROR_OK : ERROR_LIMIT;

	bool good = string_copy(route->label, sizeof route->label, client->name);
	if (*label)
		good = good
		       && string_append(route->label, sizeof route->label, " -> ")
		       && string_append(route->label, sizeof route->label, label);
	return good ? ERROR_OK : ERROR_LIMIT;
}

/** The rule that applies; NULL: none */
static struct hid const *find_rule(struct hid const *routes,
                                   struct route_request const *request)
{
	struct hid const *rule = NULL;
	while ((rule = hid_next(routes, rule, NULL)))
		if (applies(rule, request))
			return rule;
	return NULL;
}

/** "config" is the inline one, unless the start node routes it by that label */
static bool inline_config(struct hid const *routes,
                          struct route_request const *request)
{
	if (!string_equal(request->service, "ROM")
	 || !string_equal(request->label, "config"))
		return false;
	struct hid const *const rule = find_rule(routes, request);
	return !rule || !(hid_has(rule, "label")
	                  || hid_has(rule, "label_last"));
}

enum error route_find(struct child *client, struct route_request const *request,
                      struct route *route)
{
	struct hid const *routes = hid_next(client->start, NULL, "route");
	if (inline_config(routes, request)) {
		*route = (struct route) { .target = ROUTE_CONFIG };
		return set_label(client, NULL, request->label, route);
	}
	if (!routes)
		routes = hid_next(client->sandbox->config.nodes, NULL,
		                  "default-route");

	struct hid const *const rule = find_rule(routes, request);
	struct hid const *target = NULL;
	while ((target = hid_next_below(rule, target, NULL)))
		if (reachable(client, target, request->service, route))
			return set_label(client, target, request->label, route);
	return ERROR_DENIED;
}

bool route_interposed(struct child *client, char const *service)
{
	struct route_request const request = { .service = service, .label = "" };
	struct hid const *const rule =
		find_rule(hid_next(client->start, NULL, "route"), &request);
	struct route route;
	if (!rule || !hid_type_equals(rule, "service"))
		return false;
	for (struct hid const *t = NULL; (t = hid_next_below(rule, t, NULL));)
		if (reachable(client, t, service, &route))
			return route.target != ROUTE_PARENT;
	return false;
}

/* -- check -- */

static void check_targets(struct sandbox const *sandbox,
                          struct hid const *routes)
{
	char name[CHILD_NAME];
	for (struct hid const *n = NULL; (n = hid_next_below(routes, n, "child"));) {
		bool known = false;
		if (!hid_name(n, name, sizeof name))
			continue;
		for (struct hid const *s = NULL;
		     (s = hid_next(sandbox->config.nodes, s, "start"));)
			known |= hid_equals(s, "name", name);
		if (!known)
			log_warning("config, line %u: there is no child '%s'",
			            n->line, name);
	}
}

void route_check(struct sandbox const *sandbox)
{
	struct hid const *const top = sandbox->config.nodes;
	check_targets(sandbox, hid_next(top, NULL, "default-route"));
	for (struct hid const *s = NULL; (s = hid_next(top, s, "start"));)
		check_targets(sandbox, hid_next(s, NULL, "route"));
}
