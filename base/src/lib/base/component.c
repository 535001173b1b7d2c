/* SPDX-License-Identifier: MIT */
/* The end of a component, as it announces it itself */

/* public */
#include <base/component.h>
#include <session/parent.h>

void component_exit(struct env *env, enum error value)
{
	error_ignore(parent_exit(env->parent, (int)value),
	             "no parent, nobody to tell");
}
