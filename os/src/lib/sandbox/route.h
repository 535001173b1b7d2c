/* SPDX-License-Identifier: MIT */
/** Route: which server a child's request goes to, under which label */
#pragma once

#include <base/session.h>

#include "child.h"

struct route_request {
	char const  *service, *label, *text;
	bool         own;      /* asked by the sandbox for the child */
	object_cap_t behind;   /* of an interposed PD or CPU session */
};

enum route_target { ROUTE_PARENT, ROUTE_CHILD, ROUTE_LOCAL, ROUTE_CONFIG };

struct route {
	enum route_target target;
	struct child     *server;                /* of ROUTE_CHILD */
	struct service   *local;                 /* of ROUTE_LOCAL */
	char              label[SESSION_LABEL];  /* at the server */
};

/**
 * Find the first route of the client's start node, or of the default route if
 * it has none, that matches and leads somewhere
 *
 * Returns DENIED, LIMIT (the label gets too long).
 */
enum error route_find(struct child *client, struct route_request const *request,
                      struct route *route) MUST_USE;

/**
 * Whether the child is to see somebody else's PD or CPU session as its own: its
 * start node has a rule for that service by name that leads to a sibling or to
 * the embedder
 */
bool route_interposed(struct child *client, char const *service);

/** Warn of routes that lead nowhere, with their lines */
void route_check(struct sandbox const *sandbox);
