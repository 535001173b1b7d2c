/* SPDX-License-Identifier: MIT */
/**
 * Sandbox: a parent of components, configured by HID (doc/configuration.md)
 *
 * init is this library and little more; any component can embed it. Children
 * get what the configuration routes to them and nothing else; all they cost is
 * paid out of the account of the component that embeds the sandbox.
 */
#pragma once

#include <base/env.h>
#include <base/service.h>
#include <base/signal.h>
#include <util/avl.h>
#include <util/list.h>

struct sandbox;
struct hid_writer;

struct sandbox_ops {
	/** Something that sandbox_report writes has changed; may be NULL, which
	 *  is cheaper than to ignore it */
	void (*state)(struct sandbox *sandbox);
	/** A child ended whose start node says 'exit | propagate'; may be NULL */
	void (*exit)(struct sandbox *sandbox, int value);
};

/**
 * A service that the embedder provides itself, to be routed to by '+ local'
 *
 * Sessions are served as if they came through the own parent; they end with
 * sandbox_session_end instead of session_object_end.
 */
struct sandbox_service {
	struct service  *service;
	struct list_node node;
};

struct routes;

/** Words in one block of memory, each ended by NUL; zeroed: none */
struct sandbox_words {
	char    *text;
	size_t   size;
	unsigned count;
};

/** Own copy of a configuration, with the lines of the original, and what it says */
struct sandbox_config {
	char       *text;
	struct hid *nodes;
	size_t      size, count;
	struct sandbox_words inherited;     /* services of the own parent */
	struct routes *routes;              /* the default ones; NULL: none */
	uint64_t    ram, caps, ram_max, caps_max;  /* default quota */
	uint64_t    beat_period;            /* microseconds; 0: no heartbeat */
	bool        lists_sessions;         /* in reports */
};

/** Set 'ops' (or leave it NULL); zeroed memory is a closed sandbox */
struct sandbox {
	struct sandbox_ops const *ops;
	struct env               *env;          /* NULL: closed */
	struct sandbox_config     config;
	struct list               children;     /* in the order of start nodes */
	struct avl_tree           names;        /* the same by name */
	struct list               providers;    /* those that have services */
	struct list               busy;         /* those that 'work' has to visit */
	struct list               restarting;   /* those that wait for a time */
	struct list               local;        /* struct sandbox_service */
	struct avl_tree           connections;  /* by id */
	struct avl_tree           at_parent;    /* those by the own parent's id */
	uint32_t                  last_id;      /* of connections */
	uint32_t                  last_child;   /* number of children started */
	bool                      asking;       /* own parent, for resources */
	bool                      changed;      /* since the last call of 'state' */
	uint64_t                  beat_at;      /* next heartbeat */
	uint64_t                  timer_at;     /* when 'timer' runs */
	struct signal_handler     answers;      /* own parent's, for sessions */
	struct signal_handler     available;    /* own parent's, for resources */
	struct signal_handler     work;         /* what no RPC may do by itself */
	struct signal_handler     timer;
};

/** Returns NO_RAM, NO_CAPS */
enum error sandbox_open(struct sandbox *sandbox, struct env *env) MUST_USE;

/** Offer a service to the children; before the first configuration */
void sandbox_provide(struct sandbox *sandbox, struct sandbox_service *service);

/** End a session of such a service: its client finds it gone */
void sandbox_session_end(struct sandbox *sandbox,
                         struct session_object *session);

/**
 * Make the children what 'config' says, whatever its top-level type
 *
 * Children run on as far as possible: quotas, priorities, CPU budgets, policies and
 * inline configurations are adjusted in place, sessions whose route has changed are
 * gone for clients that cope with it. What else differs restarts that child.
 * INVALID: it does not conform to the schema, or a grant makes no sense, which is
 * logged with line and node; nothing changes. NO_RAM, likewise.
 */
enum error sandbox_configure(struct sandbox *sandbox,
                             struct hid const *config) MUST_USE;

/**
 * Start the children of 'config', which has start nodes only, beside those there are
 *
 * What that costs does not depend on how many there are. They stay until
 * sandbox_remove, whatever sandbox_configure starts and ends; their routes may be the
 * default ones. CONFLICT: there is a child of that name. INVALID, NO_RAM as above. On
 * error, none is started.
 */
enum error sandbox_add(struct sandbox *sandbox, struct hid const *config) MUST_USE;

/** End a child that was added. NOT_FOUND: there is none of that name */
enum error sandbox_remove(struct sandbox *sandbox, char const *name) MUST_USE;

/** Write the state of the children into the open node */
void sandbox_report(struct sandbox *sandbox, struct hid_writer *writer);

/**
 * What of the own account is lent: it goes back to children as they close their
 * sessions, and must not be counted as free
 */
void sandbox_held(struct sandbox const *sandbox, uint64_t *ram, uint64_t *caps);

/** End all children */
void sandbox_close(struct sandbox *sandbox);
