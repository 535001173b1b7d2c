/* SPDX-License-Identifier: MIT */
/*
 * Property: musl works over the base API: output, formatting, memory, threads with
 * thread-local storage beside ld's, synchronisation, clocks; and each resource
 * that runs out is an error of the one call, and comes back.
 */

/* public */
#include <base/component.h>
#include <base/hid.h>
#include <base/rom.h>
#include <libc/run.h>
#include <session/pd.h>

/* musl */
#include <string.h>

/* local */
#include "test.h"

static struct env *own_env;

static struct pd_account account(void)
{
	struct pd_account result = { 0 };
	enum error const error = pd_account(own_env->pd, &result);
	check(!error, "account: %s", error_text(error));
	return result;
}

size_t names_used(void)
{
	return account().names;
}

size_t ram_used(void)
{
	struct pd_account const a = account();
	return a.ram_used - a.ram_kept;
}

size_t caps_used(void)
{
	return account().caps_used;
}

/** What is used in the whole system tells whether this test's last life left some */
static void log_used(void)
{
	struct rom_module state;
	struct hid nodes[16];
	struct hid_document document = { .nodes = nodes, .capacity = 16 };
	enum error error = rom_module_open(&state, own_env, "core_state");
	if (!error)
		error = hid_parse(&document, state.data, state.size, NULL);
	check(!error, "core_state: %s", error_text(error));
	struct hid const *const top = hid_top(&document), *all = NULL;
	while ((all = hid_next(top, all, "kernel"))
	       && !hid_equals(all, "name", "all"))
		;
	check(all && hid_has(top, "ram_kept"), "core tells nothing");
	printf("in use: %lu bytes, %lu names, %lu objects\n",
	       hid_uint(top, "ram_used", 0) - hid_uint(top, "ram_kept", 0),
	       hid_uint(all, "caps", 0), hid_uint(all, "objects", 0));
	rom_module_close(&state);
}

static int run(int count, char **arguments, char **environment)
{
	check(count == 2 && !arguments[2], "%d arguments", count);
	check(!environment[0], "a variable");
	if (!strcmp(arguments[1], "overflow"))
		test_overflow();
	log_used();
	test_library();
	test_memory();
	test_threads();
	test_sync();
	test_clocks();
	printf("--- test finished ---\n");
	return 0;
}

enum error component_construct(struct env *env)
{
	own_env = env;
	enum error error = libc_run(env, run);
	if (!error && libc_run(env, run) != ERROR_CONFLICT)
		error = ERROR_CORRUPT;
	return error;
}
