/* SPDX-License-Identifier: MIT */
/**
 * What a component is: one function that sets it up
 */
#pragma once

#include <base/env.h>
#include <base/export.h>
#include <base/log.h>

/**
 * Defined by each component, called once in its first thread
 *
 * Afterwards the entrypoint serves what was set up here. An error ends the
 * component: it is logged and becomes its exit value.
 */
EXPORT enum error component_construct(struct env *env);

/**
 * Tell the parent that the component is done
 *
 * The parent decides what becomes of it: usually its destruction. Returns, since
 * the entrypoint serves on until then.
 */
void component_exit(struct env *env, enum error value);
