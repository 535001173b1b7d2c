/* SPDX-License-Identifier: MIT */
/* Figures of core's report, and of the own account */

#include <base/component.h>
#include <base/hid.h>
#include <base/rom.h>
#include <session/pd.h>
#include <util/string.h>
#include "accounts.h"

static struct env        *the_env;
static struct rom_module  state;

/** Nodes "account" and "kernel" of core's report, by their name */
static struct { char const *name, *type, *node, *tag; } const source[ACCOUNTS] = {
	[ACCOUNT_FREE] = { "free RAM", NULL, NULL, "ram_free" },
	{ "core's RAM", "account", "core", "ram_used" },
	{ "core's caps", "account", "core", "caps_used" },
	{ "init's free RAM", "account", "init", "ram_used" },
	{ "init's caps", "account", "init", "caps_used" },
	{ "core's names", "kernel", "core", "caps" },
	{ "core's objects", "kernel", "core", "objects" },
	{ "init's names", "kernel", "init", "caps" },
	{ "own RAM" }, { "own caps" }, { "own RAM limit" }, { "own caps limit" },
};
enum { OWN = 8 };

char const *account_name(unsigned index)
{
	return source[index].name;
}

enum error accounts_init(struct env *env)
{
	the_env = env;
	return rom_module_open(&state, env, "core_state");
}

static struct hid const *find(struct hid const *top, unsigned index)
{
	if (!source[index].type)
		return top;
	struct hid const *node = NULL;
	while ((node = hid_next(top, node, source[index].type)))
		if (hid_equals(node, "name", source[index].node))
			return node;
	return NULL;
}

enum error accounts_read(struct accounts *accounts)
{
	struct hid nodes[16];
	struct hid_document document = { .nodes = nodes, .capacity = 16 };
	struct hid_error reason;
	struct pd_account own;

	enum error error = rom_module_update(&state);
	if (!error)
		error = hid_parse(&document, state.data, state.size, &reason);
	if (!error)
		error = pd_account(the_env->pd, &own);
	if (error)
		return error;
	for (unsigned i = 0; i < OWN; i++)
		accounts->value[i] = hid_uint(find(hid_top(&document), i),
		                              source[i].tag, 0);
	accounts->value[OWN]     = own.ram_used;
	accounts->value[OWN + 1] = own.caps_used;
	accounts->value[OWN + 2] = own.ram_limit;
	accounts->value[OWN + 3] = own.caps_limit;
	return ERROR_OK;
}
