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

/** Attributes of nodes "account" and "kernel" of core's report, by their name */
static struct { char const *text, *type, *node, *tag; } const source[ACCOUNTS] = {
	[ACCOUNT_RAM]          = { "RAM", NULL, NULL, "ram_used" },
	[ACCOUNT_NAMES]        = { "names", "kernel", "all", "caps" },
	[ACCOUNT_OBJECTS]      = { "objects", "kernel", "all", "objects" },
	[ACCOUNT_CORE_RAM]     = { "core's RAM", "account", "core", "ram_used" },
	[ACCOUNT_CORE_CAPS]    = { "core's caps", "account", "core", "caps_used" },
	[ACCOUNT_CORE_NAMES]   = { "core's names", "kernel", "core", "caps" },
	[ACCOUNT_CORE_OBJECTS] = { "core's objects", "kernel", "core", "objects" },
	[ACCOUNT_INIT_RAM]     = { "init's RAM", "account", "init", "ram_used" },
	[ACCOUNT_INIT_CAPS]    = { "init's caps", "account", "init", "caps_used" },
	[ACCOUNT_INIT_NAMES]   = { "init's names", "kernel", "init", "caps" },
	[ACCOUNT_INIT_OBJECTS] = { "init's objects", "kernel", "init", "objects" },
	[ACCOUNT_OWN_RAM]        = { .text = "own RAM" },
	[ACCOUNT_OWN_CAPS]       = { .text = "own caps" },
	[ACCOUNT_OWN_NAMES]      = { .text = "own names" },
	[ACCOUNT_OWN_OBJECTS]    = { .text = "own objects" },
	[ACCOUNT_OWN_RAM_LIMIT]  = { .text = "own RAM limit" },
	[ACCOUNT_OWN_CAPS_LIMIT] = { .text = "own caps limit" },
};

char const *account_name(unsigned index)
{
	return source[index].text;
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

/** Of RAM, without what is kept for later */
static enum error figure(struct hid const *top, unsigned index, uint64_t *value)
{
	struct hid const *const node = find(top, index);
	char const *const tag = source[index].tag;
	bool const ram = string_equal(tag, "ram_used");
	if (!node || !hid_has(node, tag) || (ram && !hid_has(node, "ram_kept")))
		return ERROR_CORRUPT;
	*value = hid_uint(node, tag, 0);
	if (ram)
		*value -= hid_uint(node, "ram_kept", 0);
	return ERROR_OK;
}

static void own_figures(uint64_t *value, struct pd_account const *own)
{
	value[ACCOUNT_OWN_RAM]        = own->ram_used - own->ram_kept;
	value[ACCOUNT_OWN_CAPS]       = own->caps_used;
	value[ACCOUNT_OWN_NAMES]      = own->names;
	value[ACCOUNT_OWN_OBJECTS]    = own->objects;
	value[ACCOUNT_OWN_RAM_LIMIT]  = own->ram_limit;
	value[ACCOUNT_OWN_CAPS_LIMIT] = own->caps_limit;
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
	for (unsigned i = 0; !error && i < ACCOUNT_OWN_RAM; i++)
		error = figure(hid_top(&document), i, &accounts->value[i]);
	if (!error)
		own_figures(accounts->value, &own);
	return error;
}
