/* SPDX-License-Identifier: MIT */
/**
 * What the children of the sandbox get from us: ROM "config" of the subject, LOG,
 * and a System session that ends nothing
 *
 * What the subject does with its configuration is seen here: whether it looked at
 * it, and what it said.
 */
#pragma once

#include <os/sandbox.h>

enum { SERVE_NAME = 32, SERVE_LINE = 200 };

struct serve_seen {
	bool     fetched;                /* the newest configuration */
	bool     watches;                /* asked to be told of changes */
	bool     refused;                /* said that its text is wrong, and where */
	bool     said;                   /* somebody said what was expected */
	unsigned errors;                 /* lines of the subject that tell one */
	uint32_t line;                   /* named by the last refusal */
	char     last[SERVE_LINE];       /* last line of the subject */
};

extern struct serve_seen serve_seen;

/** Once, with the subject's name and the line that is expected of any child */
enum error serve_init(struct env *env, char const *subject,
                      char const *expected) MUST_USE;

/** Provide all of it to a sandbox that was opened just now; nothing was seen */
void serve_provide(struct sandbox *sandbox);

/** Another configuration; nothing was seen of it */
void serve_config(char const *text, size_t size);
