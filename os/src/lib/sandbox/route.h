/* SPDX-License-Identifier: MIT */
/**
 * Route: which server a child's request goes to, under which label and text
 *
 * Routes are compiled when they are taken over from the configuration. A target
 * may grant a device or fix the session's text (grant.h).
 */
#pragma once

#include <base/session.h>

#include "child.h"
#include "grant.h"

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
	bool              granted;               /* 'text' is not the client's */
	char              label[SESSION_LABEL];  /* at the server */
	char              text[SESSION_ARGS];    /* there, if 'granted' */
};

/** Compile a node "route" or "default-route". Returns NO_RAM, INVALID (logged) */
enum error routes_read(struct routes **routes, struct heap *heap,
                       struct hid const *node) MUST_USE;
void routes_free(struct routes *routes, struct heap *heap);

/**
 * Find the first route of the client, or the default route if it has none, that
 * matches and leads somewhere
 *
 * Returns DENIED, LIMIT (the label gets too long).
 */
enum error route_find(struct child *client, struct route_request const *request,
                      struct route *route) MUST_USE;

/** The client's name in front of the label that it gave. Returns LIMIT */
enum error route_label(struct child const *client, char const *label,
                       char result[SESSION_LABEL]) MUST_USE;

/**
 * Whether the child is to see somebody else's PD or CPU session as its own: its
 * start node has a rule for that service by name that leads to a sibling or to
 * the embedder
 */
bool route_interposed(struct child *client, char const *service);

/** Warn of routes to children that there are not, with their lines */
void route_check(struct sandbox *sandbox, struct routes const *routes);
