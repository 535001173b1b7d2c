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
#include <util/string.h>

/* local */
#include "accounts.h"

/* What servers other than core gave back is back when they were told: soon */
enum { POLL = 200 * 1000, QUIET_POLLS = 5, SETTLE_POLLS = 50 };

static struct env      *the_env;
static struct accounts  before, last;
static unsigned         round, rounds, warm, quiet, settling;
static bool             failed;

static void poll(struct signal_handler *handler, uint64_t count);

static struct sandbox sandbox;
static struct signal_handler timer = { .handle = poll };

enum { FREE, INIT_RAM = 3, INIT_CAPS, NAMES, OBJECTS, INIT_NAMES,
       CACHE_RAM = 512 * 1024, CACHE_CAPS = 16,
       OBJECT_RAM = 256 };   /* charged for one, but core has it in stock */

/**
 * The first init served many sessions at one time, and keeps memory for as many:
 * what it has more must be what is missing elsewhere, and not too much
 */
static void expect_caches(struct accounts const *now)
{
	uint64_t *const b = before.value;
	uint64_t const ram  = now->value[INIT_RAM] - b[INIT_RAM];
	uint64_t const caps = now->value[INIT_CAPS] - b[INIT_CAPS];
	if (ram > CACHE_RAM || caps > CACHE_CAPS)
		return;
	b[FREE]       -= ram - caps * OBJECT_RAM;
	b[INIT_RAM]   += ram;
	b[INIT_CAPS]  += caps;
	b[NAMES]      += caps;
	b[OBJECTS]    += caps;
	b[INIT_NAMES] += caps;
}

static void compare(struct accounts const *now)
{
	for (unsigned i = 0; round > warm && i < ACCOUNTS; i++)
		if (now->value[i] != before.value[i]) {
			log_error("round %u: %s: %lu before, %lu now", round,
			          account_name(i), before.value[i],
			          now->value[i]);
			failed = true;
		}
	before = *now;
}

static enum error start(void)
{
	quiet = settling = 0;
	enum error error = sandbox_open(&sandbox, the_env);
	if (!error)
		error = sandbox_configure(&sandbox,
			hid_next(the_env->config, NULL, "sandbox"));
	if (!error)
		error = signal_handler_at(&timer, clock_us() + POLL);
	return error;
}

static enum error again(void)
{
	return signal_handler_at(&timer, clock_us() + POLL);
}

static enum error destroy(void)
{
	log_info("round %u: %lu KiB taken", round + 1,
	         (before.value[FREE] - last.value[FREE]) / 1024);
	sandbox_close(&sandbox);
	round++;
	quiet    = 0;
	settling = 1;
	return again();
}

/** Until it is as before; the first rounds only tell what that is */
static enum error settle(struct accounts const *now)
{
	expect_caches(now);
	bool const same = !memcmp(now, &before, sizeof *now);
	bool const done = round > warm ? same : quiet == QUIET_POLLS;
	if (!done && settling++ < SETTLE_POLLS)
		return again();

	compare(now);
	if (failed || round == rounds) {
		log_info("--- %u rounds, %s ---", round,
		         failed ? "failed" : "nothing lost");
		component_exit(the_env, ERROR_OK);
		return ERROR_OK;
	}
	return start();
}

static void poll(struct signal_handler *handler, uint64_t count)
{
	struct accounts now;
	enum error error = accounts_read(&now);
	if (!error) {
		bool const same =
			now.value[FREE] == last.value[FREE];
		quiet = same ? quiet + 1 : 0;
		last  = now;
		error = settling ? settle(&now)
		      : quiet == QUIET_POLLS ? destroy() : again();
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
