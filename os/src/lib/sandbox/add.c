/* SPDX-License-Identifier: MIT */
/*
 * Children that come and go one by one, beside those of the configuration
 *
 * Each has its own copy of its start node; nothing here looks at all children,
 * unless services are what changes.
 */

/* public */
#include <base/hid.h>
#include <base/log.h>

/* local */
#include "config.h"
#include "route.h"

static enum error read_start(struct child *child, struct hid const *start)
{
	enum error const error = config_copy(child->sandbox, start, &child->own);
	return error ? error
	     : policy_read(&child->next_policy, child->sandbox->env->heap,
	                   child->own.nodes);
}

static enum error add(struct sandbox *sandbox, struct hid const *start)
{
	char name[CHILD_NAME] = "";
	hid_name(start, name, sizeof name);
	if (child_by_name(sandbox, name))
		return ERROR_CONFLICT;
	struct child *const child = child_new(sandbox, name);
	if (!child)
		return ERROR_NO_RAM;
	enum error const error = read_start(child, start);
	if (error) {
		child_delete(child);
		return error;
	}
	child->start = child->own.nodes;
	child->fresh = false;
	child_follow(child);
	return ERROR_OK;
}

static struct child *named(struct sandbox *sandbox, struct hid const *start)
{
	char name[CHILD_NAME] = "";
	hid_name(start, name, sizeof name);
	return child_by_name(sandbox, name);
}

/** They are there: what they serve may be what others are routed to */
static void start_all(struct sandbox *sandbox, struct hid const *top)
{
	bool provides = false;
	for (struct hid const *s = NULL; (s = hid_next(top, s, "start"));) {
		struct child const *const child = named(sandbox, s);
		route_check(sandbox, child->policy.routes);
		provides |= child->policy.provides.count;
	}
	if (provides)
		sandbox_reroute(sandbox);
	for (struct hid const *s = NULL; (s = hid_next(top, s, "start"));)
		child_start(named(sandbox, s));
	if (provides)
		sandbox_start_stopped(sandbox);
}

enum error sandbox_add(struct sandbox *sandbox, struct hid const *config)
{
	struct hid const *s = NULL;
	enum error error = sandbox_check(config, NULL);
	for (struct hid const *n = NULL; !error && (n = hid_next(config, n, NULL));)
		if (!hid_type_equals(n, "start"))
			error = ERROR_INVALID;
	while (!error && (s = hid_next(config, s, "start")))
		error = add(sandbox, s);
	if (error) {
		for (struct hid const *n = NULL; s
		     && (n = hid_next(config, n, "start")) != s;)
			child_delete(named(sandbox, n));
		return error;
	}
	start_all(sandbox, config);
	return ERROR_OK;
}

enum error sandbox_remove(struct sandbox *sandbox, char const *name)
{
	struct child *const child = child_by_name(sandbox, name);
	if (!child || !child->own.count)
		return ERROR_NOT_FOUND;
	bool const provides = child->policy.provides.count;
	child_delete(child);
	if (provides) {
		sandbox_reroute(sandbox);
		sandbox_start_stopped(sandbox);
	}
	return ERROR_OK;
}
