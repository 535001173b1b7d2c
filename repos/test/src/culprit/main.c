/* SPDX-License-Identifier: MIT */
/*
 * Culprit: misbehaves as its configuration says ("config | kind: divide")
 *
 * Kinds that must be stopped never come back; those that must be answered by an
 * error exit with 0 if it was the right one.
 */

#include <base/hid.h>
#include <util/string.h>
#include "culprit.h"

static struct misdeed const *find(struct misdeed const *list, unsigned n,
                                  char const *name)
{
	for (unsigned i = 0; i < n; i++)
		if (string_equal(list[i].name, name))
			return &list[i];
	return NULL;
}

enum error component_construct(struct env *env)
{
	char kind[32] = "";
	hid_string(env->config, "kind", kind, sizeof kind);

	struct misdeed const *deed =
		find(fault_misdeeds, n_fault_misdeeds, kind);
	bool const stops = deed;
	if (!deed)
		deed = find(call_misdeeds, n_call_misdeeds, kind);
	if (!deed) {
		log_error("no misdeed \"%s\"", kind);
		return ERROR_NOT_FOUND;
	}
	enum error error = deed->commit(env);
	if (stops) {
		log_error("%s: went on", kind);
		error = ERROR_CORRUPT;
	}
	component_exit(env, error);
	return ERROR_OK;
}
