/* SPDX-License-Identifier: MIT */
/**
 * What is used in the whole system, as numbers that can be compared
 *
 * RAM without what is kept for later (doc/core.md, "Who pays"): all of them are
 * the same again when nothing is left, whatever happened in which order.
 */
#pragma once

#include <base/env.h>

enum {
	ACCOUNT_RAM,                 /* of all together */
	ACCOUNT_NAMES, ACCOUNT_OBJECTS,
	ACCOUNT_CORE_RAM, ACCOUNT_CORE_CAPS,
	ACCOUNT_CORE_NAMES, ACCOUNT_CORE_OBJECTS,
	ACCOUNT_INIT_RAM, ACCOUNT_INIT_CAPS,
	ACCOUNT_INIT_NAMES, ACCOUNT_INIT_OBJECTS,
	ACCOUNT_OWN_RAM, ACCOUNT_OWN_CAPS,
	ACCOUNT_OWN_NAMES, ACCOUNT_OWN_OBJECTS,
	ACCOUNT_OWN_RAM_LIMIT, ACCOUNT_OWN_CAPS_LIMIT, ACCOUNTS
};

struct accounts { uint64_t value[ACCOUNTS]; };

/** Open ROM "core_state"; once */
enum error accounts_init(struct env *env) MUST_USE;

/** Take the figures of now */
enum error accounts_read(struct accounts *accounts) MUST_USE;

char const *account_name(unsigned index);
