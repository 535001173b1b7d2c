/* SPDX-License-Identifier: MIT */
/* The smallest child: is there; with 'config | exit: value', it ends at once */

#include <base/component.h>
#include <base/hid.h>

enum error component_construct(struct env *env)
{
	if (hid_has(env->config, "exit"))
		component_exit(env, (enum error)hid_uint(env->config, "exit", 0));
	return ERROR_OK;
}
