/* SPDX-License-Identifier: MIT */
/**
 * Resources of the own account: ask the parent for more, give some back
 *
 * Nobody needs to call any of this. Where an account does not suffice, the base
 * library asks the parent before it reports NO_RAM or NO_CAPS, and when the
 * parent wants something back, it gives free memory of the heap (doc/resources.md).
 */
#pragma once

#include <base/env.h>

enum resource_mode {
	RESOURCE_WAIT,      /* ask, and wait if the parent says so: the default */
	RESOURCE_AT_ONCE,   /* ask, but take no waiting for an answer */
	RESOURCE_NEVER,     /* do not ask */
};

/** What to do when the account does not suffice; returns the former mode */
enum resource_mode resource_ask(struct env *env, enum resource_mode mode);

/**
 * Have so many bytes and capabilities more in the account
 *
 * Waits as the mode says. Returns NO_RAM or NO_CAPS: the parent refused.
 */
enum error resource_request(struct env *env, size_t ram, size_t caps) MUST_USE;

/** Embed it; 'yield' runs in the entrypoint and frees what it can do without */
struct yield_handler {
	void (*yield)(struct yield_handler *, size_t ram, size_t caps);
};

/**
 * Be asked when the parent wants resources back; NULL: no more
 *
 * It runs after free memory of the heap was given back. What is free in the
 * account afterwards, the parent takes, up to what it wants.
 */
void yield_handler_set(struct env *env, struct yield_handler *handler);
