/* SPDX-License-Identifier: MIT */
/*
 * Create and destroy an init with all that is in it, again and again
 *
 *     config | rounds: 40 | warm: 4
 *     + sandbox | (configuration of a sandbox, in which something exits)
 *
 * What core, the first init and this component use, and all together, is the same
 * after each round, to the byte, once the caches are warm.
 */

/* public */
#include <base/component.h>
#include <base/hid.h>
#include <os/sandbox.h>

/* local */
#include "accounts.h"

static struct env      *the_env;
static struct accounts  before;
static unsigned         round, rounds, warm;
static bool             failed;

static void on_exit(struct sandbox *sandbox, int value);
static void next(struct signal_handler *handler, uint64_t count);

static struct sandbox_ops const ops = { .exit = on_exit };
static struct sandbox sandbox = { .ops = &ops };
static struct signal_handler next_handler = { .handle = next };

static void on_exit(struct sandbox *s, int value)
{
	error_ignore(signal_submit(next_handler.cap), "own signal");
}

static enum error compare(void)
{
	struct accounts now;
	enum error const error = accounts_read(&now);
	if (error)
		return error;
	for (unsigned i = 0; round > warm && i < ACCOUNTS; i++)
		if (now.value[i] != before.value[i]) {
			log_info("round %u: %s: %lu before, %lu now", round,
			         account_name(i), before.value[i], now.value[i]);
			failed = true;
		}
	before = now;
	return ERROR_OK;
}

static enum error start(void)
{
	enum error error = sandbox_open(&sandbox, the_env);
	if (!error)
		error = sandbox_configure(&sandbox,
			hid_next(the_env->config, NULL, "sandbox"));
	return error;
}

static void next(struct signal_handler *handler, uint64_t count)
{
	enum error error;
	sandbox_close(&sandbox);
	round++;
	error = compare();
	if (!error && !failed && round < rounds)
		error = start();
	if (error)
		log_error("round %u: %s", round, error_text(error));
	if (error || failed || round == rounds) {
		log_info("--- %u rounds, %s ---", round,
		         error || failed ? "failed" : "nothing lost");
		component_exit(the_env, error);
	}
}

enum error component_construct(struct env *env)
{
	the_env = env;
	rounds  = (unsigned)hid_uint(env->config, "rounds", 40);
	warm    = (unsigned)hid_uint(env->config, "warm", 4);
	enum error error = signal_handler_open(&next_handler, env->ep);
	if (!error) error = accounts_init(env);
	if (!error) error = start();
	return error;
}
