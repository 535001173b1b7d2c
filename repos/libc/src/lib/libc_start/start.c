/* SPDX-License-Identifier: MIT */
/* A component whose 'main' is its program */

/* public */
#include <base/component.h>
#include <libc/run.h>

int main(int count, char **arguments, char **environment);

enum error component_construct(struct env *env)
{
	return libc_run(env, main);
}
