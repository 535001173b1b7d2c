/* SPDX-License-Identifier: MIT */
/*
 * The smallest child: is there
 *
 * With 'config | exit: value' it ends at once; with 'tell: yes' it opens a
 * session, by which its parent knows that it is there.
 */

#include <base/component.h>
#include <base/hid.h>
#include <session/step.h>

enum error component_construct(struct env *env)
{
	static struct step_session step;
	if (hid_has(env->config, "exit"))
		component_exit(env, (enum error)hid_uint(env->config, "exit", 0));
	return hid_bool(env->config, "tell", false)
	       ? step_open(&step, env, NULL) : ERROR_OK;
}
