/* SPDX-License-Identifier: MIT */
/** What is used in the whole system, as numbers that can be compared */
#pragma once

#include <base/env.h>

enum { ACCOUNT_FREE, ACCOUNTS = 12 };

struct accounts { uint64_t value[ACCOUNTS]; };

/** Open ROM "core_state"; once */
enum error accounts_init(struct env *env) MUST_USE;

/** Take the figures of now */
enum error accounts_read(struct accounts *accounts) MUST_USE;

char const *account_name(unsigned index);
