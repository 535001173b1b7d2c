/* SPDX-License-Identifier: MIT */
/*
 * Ticker: says something again and again
 *
 *     config | text: tick | period_ms: 500
 *
 * Text and period change while it runs, when its configuration does.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/signal.h>
#include <os/config_number.h>
#include <session/timer.h>

enum { PERIOD_MIN = 10 };

static struct env          *the_env;
static struct timer_session timer;
static uint64_t             ticks;

static void tick(struct signal_handler *handler, uint64_t count)
{
	char text[64] = "tick";
	hid_string(the_env->config, "text", text, sizeof text);
	ticks += count;
	log_info("%s %lu", text, ticks);
}

static struct signal_handler tick_handler = { .handle = tick };

static enum error set_period(void)
{
	return timer_periodic(timer.cap, tick_handler.cap, config_ms(
		the_env->config, "period_ms", 500, PERIOD_MIN));
}

static void configure(struct signal_handler *handler, uint64_t count)
{
	enum error error = config_update(the_env);
	if (!error) error = set_period();
	if (error)
		log_error("configuration: %s", error_text(error));
}

static struct signal_handler config_handler = { .handle = configure };

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error error = timer_open(&timer, env, NULL);
	if (!error) error = signal_handler_open(&tick_handler, env->ep);
	if (!error) error = signal_handler_open(&config_handler, env->ep);
	if (!error) error = config_watch(env, &config_handler);
	if (!error) error = set_period();
	return error;
}
