/* SPDX-License-Identifier: MIT */
/* Hog: takes all the CPU time that it can get */

#include <base/component.h>

enum error component_construct(struct env *env)
{
	log_info("from now on I compute, and never stop");
	for (uint64_t volatile n = 0;; n++) { }
}
