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
#include <base/signal.h>
#include <util/avl.h>
#include <util/list.h>

struct sandbox;
struct hid_writer;

struct sandbox_ops {
	/** Something that sandbox_report writes has changed; may be NULL */
	void (*state)(struct sandbox *sandbox);
	/** A child ended whose start node says 'exit | propagate'; may be NULL */
	void (*exit)(struct sandbox *sandbox, int value);
};

/** Own copy of a configuration, with the lines of the original */
struct sandbox_config {
	char       *text;
	struct hid *nodes;
	size_t      size, count;
};

/** Set 'ops' (or leave it NULL); zeroed memory is a closed sandbox */
struct sandbox {
	struct sandbox_ops const *ops;
	struct env               *env;          /* NULL: closed */
	struct sandbox_config     config;
	struct list               children;
	struct avl_tree           connections;  /* by id */
	uint32_t                  last_id;
	bool                      changed;      /* since the last call of 'state' */
	uint64_t                  beat_at;      /* next heartbeat */
	struct signal_handler     answers;      /* own parent's, for sessions */
	struct signal_handler     work;         /* what no RPC may do by itself */
	struct signal_handler     timer;
};

/** Returns NO_RAM, NO_CAPS */
enum error sandbox_open(struct sandbox *sandbox, struct env *env) MUST_USE;

/**
 * Make the children what 'config' says, whatever its top-level type
 *
 * Children whose start node is as before run on; their quotas and inline
 * configurations are adjusted in place. INVALID: it does not conform to the
 * schema, which is logged with line and node; nothing changes. NO_RAM.
 */
enum error sandbox_configure(struct sandbox *sandbox,
                             struct hid const *config) MUST_USE;

/** Write the state of the children into the open node */
void sandbox_report(struct sandbox *sandbox, struct hid_writer *writer);

/**
 * What of the own account is lent: it goes back to children as they close their
 * sessions, and must not be counted as free
 */
void sandbox_held(struct sandbox const *sandbox, uint64_t *ram, uint64_t *caps);

/** End all children */
void sandbox_close(struct sandbox *sandbox);
