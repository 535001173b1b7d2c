/* SPDX-License-Identifier: MIT */
/*
 * Let a fork bomb explode until nothing changes any more, then destroy it
 *
 *     config | rounds: 3 | warm: 1
 *     + sandbox | (configuration with the bomb)
 *
 * Everything that it took is back afterwards, to the byte and capability.
 */

/* public */
#include <base/component.h>
#include <base/hid.h>
#include <os/sandbox.h>

/* local */
#include "accounts.h"

enum { POLL = 200 * 1000, QUIET_POLLS = 5 };

static struct env      *the_env;
static struct accounts  before, last;
static unsigned         round, rounds, warm, quiet;
static bool             failed;

static void poll(struct signal_handler *handler, uint64_t count);

static struct sandbox sandbox;
static struct signal_handler timer = { .handle = poll };

enum { CACHE_RAM = 512 * 1024, CACHE_CAPS = 16,
       OBJECT_RAM = 256 };   /* charged for one, but core has it in stock */

/**
 * The first init served many sessions at one time, and keeps memory for as many:
 * what it has more must be what is missing elsewhere, and not too much
 */
static void expect_caches(struct accounts const *now)
{
	uint64_t *const b = before.value;
	uint64_t const ram  = now->value[ACCOUNT_INIT_RAM] - b[ACCOUNT_INIT_RAM];
	uint64_t const caps = now->value[ACCOUNT_INIT_CAPS]
	                    - b[ACCOUNT_INIT_CAPS];
	if (ram > CACHE_RAM || caps > CACHE_CAPS)
		return;
	b[ACCOUNT_RAM]          += ram - caps * OBJECT_RAM;
	b[ACCOUNT_NAMES]        += 2 * caps;
	b[ACCOUNT_OBJECTS]      += caps;
	b[ACCOUNT_CORE_NAMES]   += caps;
	b[ACCOUNT_CORE_OBJECTS] += caps;
	b[ACCOUNT_INIT_RAM]     += ram;
	b[ACCOUNT_INIT_CAPS]    += caps;
	b[ACCOUNT_INIT_NAMES]   += caps;
}

static enum error compare(struct accounts const *now)
{
	expect_caches(now);
	for (unsigned i = 0; round > warm && i < ACCOUNTS; i++)
		if (now->value[i] != before.value[i]) {
			log_error("round %u: %s: %lu before, %lu now", round,
			          account_name(i), before.value[i],
			          now->value[i]);
			failed = true;
		}
	before = *now;
	return ERROR_OK;
}

static enum error start(void)
{
	quiet = 0;
	enum error error = sandbox_open(&sandbox, the_env);
	if (!error)
		error = sandbox_configure(&sandbox,
			hid_next(the_env->config, NULL, "sandbox"));
	if (!error)
		error = signal_handler_at(&timer, clock_us() + POLL);
	return error;
}

static enum error destroy(void)
{
	struct accounts now;
	log_info("round %u: %lu KiB taken", round + 1,
	         (last.value[ACCOUNT_RAM] - before.value[ACCOUNT_RAM]) / 1024);
	sandbox_close(&sandbox);
	round++;
	enum error error = accounts_read(&now);
	if (!error) error = compare(&now);
	if (error || failed || round == rounds) {
		log_info("--- %u rounds, %s ---", round,
		         error || failed ? "failed" : "nothing lost");
		component_exit(the_env, error);
		return error;
	}
	return start();
}

static void poll(struct signal_handler *handler, uint64_t count)
{
	struct accounts now;
	enum error error = accounts_read(&now);
	if (!error) {
		bool const same =
			now.value[ACCOUNT_RAM] == last.value[ACCOUNT_RAM];
		quiet = same ? quiet + 1 : 0;
		last  = now;
		error = quiet == QUIET_POLLS ? destroy()
		      : signal_handler_at(&timer, clock_us() + POLL);
	}
	if (error)
		log_error("%s", error_text(error));
}

enum error component_construct(struct env *env)
{
	the_env = env;
	rounds  = (unsigned)hid_uint(env->config, "rounds", 3);
	warm    = (unsigned)hid_uint(env->config, "warm", 1);
	enum error error = signal_handler_open(&timer, env->ep);
	if (!error) error = accounts_init(env);
	if (!error) error = accounts_read(&before);
	if (!error) error = start();
	return error;
}
