/* SPDX-License-Identifier: MIT */
/**
 * Watch: what the threads of one component do, by TRACE
 *
 * The component does not take part and does not notice, but for 16 KiB of its
 * account. It is watched from the beginning on if it is started again.
 */
#pragma once

#include <base/env.h>

/**
 * Watch component 'name' ("nested -> left"); each of its events is told in words
 * from 'told', during watch_update
 *
 * Ends an earlier watch. Returns as session_open.
 */
enum error watch_begin(struct env *env, char const *name,
                       void (*told)(char const *thread, char const *text)) MUST_USE;

/** Tell what happened since the last call. Idempotent where nothing is watched */
void watch_update(void);

/** Priority of its first thread; 0: it has none */
unsigned watch_priority(void);

/** Idempotent */
void watch_end(void);
