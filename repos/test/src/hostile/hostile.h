/* SPDX-License-Identifier: MIT */
/** Sessions of the standard servers, for attacks on each of them in turn */
#pragma once

#include <base/session.h>

struct target {
	char const *service, *label;
	size_t      ram, caps;
	/** One harmless call, number n; errors of the operation are fine */
	enum error (*call)(cap_t session, unsigned n);
	/** Memory that the server shares with the session, or NULL */
	enum error (*memory)(cap_t session, dataspace_cap_t *ds);
	/** Have the server keep a signal of ours, or NULL */
	enum error (*listen)(cap_t session, signal_cap_t signal);
};

extern struct target const targets[];
extern unsigned const n_targets;

enum error target_open(struct target const *target, struct env *env,
                       struct session *session);
