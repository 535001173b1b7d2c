/* SPDX-License-Identifier: MIT */
/** One kind of resource, and how to take one more of it */
#pragma once

#include <base/env.h>

struct resource {
	char const *name;
	/** Once, before the first; NULL: nothing to prepare */
	enum error (*prepare)(struct env *env);
	/** Number n, from 0 on; what was taken is kept */
	enum error (*take)(struct env *env, unsigned n);
	/** Set of errors, by number, of which one has to come at the end */
	uint32_t     end;
};

#define ENDS_BY(error) (1u << ERROR_##error)

enum {
	END_ACCOUNT  = ENDS_BY(NO_RAM) | ENDS_BY(NO_CAPS),
	END_DONATION = ENDS_BY(DONATE_RAM) | ENDS_BY(DONATE_CAPS),
};

extern struct resource const memory_resources[], object_resources[];
extern unsigned const n_memory_resources, n_object_resources;

/** Sessions of a service are a resource, too: whose name it is, or NULL */
struct resource const *session_resource(char const *name);
