/* SPDX-License-Identifier: MIT */
/** What the base library does where its account does not suffice */
#pragma once

#include <base/resource.h>

/**
 * Whether to try an operation again that returned 'error' for lack of so much
 *
 *     do error = …; while (resource_granted(env, error, ram, caps));
 */
bool resource_granted(struct env *env, enum error error, size_t ram,
                      size_t caps);

/** Same, but never wait */
bool resource_granted_at_once(struct env *env, enum error error, size_t ram,
                              size_t caps);

/** The parent asks for a sign of life, and perhaps for resources */
void resource_attention(struct env *env);
