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

size_t ram_used(void)
{
	return account().ram_used;
}

size_t caps_used(void)
{
	return account().caps_used;
}

/** What core has left tells whether the last life of this test left anything */
static void log_free_ram(void)
{
	struct rom_module state;
	struct hid nodes[16];
	struct hid_document document = { .nodes = nodes, .capacity = 16 };
	enum error error = rom_module_open(&state, own_env, "core_state");
	if (!error)
		error = hid_parse(&document, state.data, state.size, NULL);
	check(!error, "core_state: %s", error_text(error));
	printf("core has %lu bytes free\n",
	       hid_uint(hid_top(&document), "ram_free", 0));
	rom_module_close(&state);
}

static int run(int count, char **arguments, char **environment)
{
	check(count == 2 && !arguments[2], "%d arguments", count);
	check(!environment[0], "a variable");
	if (!strcmp(arguments[1], "overflow"))
		test_overflow();
	log_free_ram();
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
