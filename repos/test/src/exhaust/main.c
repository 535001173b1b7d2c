/* SPDX-License-Identifier: MIT */
/*
 * Takes one kind of resource until it is refused, and tells how many there were
 *
 *     config | kind: signals         one of those in memory.c, object.c, session.c
 *                                    ("signals-2" is the same)
 *
 * Exits with 0 if it got at least one and the end was one of the defined errors.
 */

/* public */
#include <base/component.h>
#include <base/hid.h>
#include <session/pd.h>
#include <util/string.h>

/* local */
#include "exhaust.h"

/* nothing that is paid for lasts that long */
enum { FAR_TOO_MANY = 1 << 20 };

static struct resource const *among(struct resource const *list, unsigned n,
                                    char const *name)
{
	for (unsigned i = 0; i < n; i++)
		if (string_equal(list[i].name, name))
			return &list[i];
	return NULL;
}

static struct resource const *find(char *name)
{
	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = 0;
	struct resource const *r =
		among(memory_resources, n_memory_resources, name);
	if (!r)
		r = among(object_resources, n_object_resources, name);
	return r ? r : session_resource(name);
}

/** The account can still be read, and the end is still the end */
static enum error check_after(struct env *env, struct resource const *r,
                              unsigned n)
{
	struct pd_account account;
	enum error const error = pd_account(env->pd, &account);
	if (error)
		return error;
	for (unsigned i = 0; i < 3; i++) {
		enum error const again = r->take(env, n);
		if (again && !(r->end >> again & 1))
			return again;
	}
	return account.ram_used <= account.ram_limit
	    && account.caps_used <= account.caps_limit ? ERROR_OK : ERROR_CORRUPT;
}

static enum error exhaust(struct env *env, struct resource const *r)
{
	unsigned n = 0;
	enum error error = r->prepare ? r->prepare(env) : ERROR_OK;
	if (error) {
		log_error("%s: not prepared: %s", r->name, error_text(error));
		return error;
	}
	while (n < FAR_TOO_MANY && !(error = r->take(env, n)))
		n++;
	log_info("%s: %u until \"%s\"", r->name, n, error_text(error));
	if (!n || !(r->end >> error & 1))
		return ERROR_CORRUPT;
	return check_after(env, r, n);
}

enum error component_construct(struct env *env)
{
	char name[64] = "";
	hid_string(env->config, "kind", name, sizeof name);
	struct resource const *const r = find(name);
	enum error const error = r ? exhaust(env, r) : ERROR_NOT_FOUND;
	if (error)
		log_error("%s: %s", name, error_text(error));
	component_exit(env, (int)error);
	return ERROR_OK;
}
