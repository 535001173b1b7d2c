/* SPDX-License-Identifier: MIT */
/**
 * A program of the C library within a component (doc/libc.md)
 */
#pragma once

#include <base/env.h>
#include <base/export.h>

typedef int (*libc_main_t)(int count, char **arguments, char **environment);

/**
 * Run 'function' as 'main' in a thread of its own, once
 *
 * When it returns, or somebody calls 'exit', the component tells its parent that
 * it is done: with ERROR_OK for status 0, else ERROR_REFUSED. Arguments, variables
 * and the size of the stack come from the configuration. Returns NO_RAM, NO_CAPS,
 * LIMIT (too many or too long), CONFLICT (called before).
 */
EXPORT enum error libc_run(struct env *env, libc_main_t function) MUST_USE;
