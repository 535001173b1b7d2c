/* SPDX-License-Identifier: MIT */
/** Sessions of the standard servers, and attacks on each of them */
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
	/** The memory is everybody's, and nobody may write it */
	bool        fixed;
};

extern struct target const targets[];
extern unsigned const n_targets;

enum error target_open(struct target const *target, struct env *env,
                       struct session *session);

/** Log what is not as wanted; CORRUPT then */
enum error expect(char const *what, enum error got, enum error wanted);

/* -- attacks of further files; each is on one server, or on all at once -- */

/** Capabilities of the wrong kind and dead ones, messages of any form */
enum error wrong(struct env *env, struct target const *target);

/** Sessions until there are no more means; some are left open */
enum error opens(struct env *env, struct target const *target);

/** Labels and reports of others, and services that are not its to have */
enum error forges(struct env *env);

/** Lines of log, quicker than anybody reads them */
enum error chatters(struct env *env);

/** Calls of all servers by threads on all CPUs, and timers as quick as they get */
enum error storms(struct env *env);
