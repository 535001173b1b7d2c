/* SPDX-License-Identifier: MIT */
/*
 * A child for tests of init: does what its configuration says
 *
 *     config | say: text | exit: value | after_ms: 100 | beats: 3
 *
 * It logs the text at its start and whenever it changes, exits after that time
 * (if 'exit' is there), and answers so many heartbeats.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/signal.h>
#include <session/parent.h>

static struct env *the_env;
static uint64_t    beats;

static void say(char const *how)
{
	char text[64] = "nothing";
	hid_string(the_env->config, "say", text, sizeof text);
	log_info("%s %s", how, text);
}

static void config_changed(struct signal_handler *handler, uint64_t count)
{
	if (config_update(the_env) == ERROR_OK)
		say("now says");
}

static void end(struct signal_handler *handler, uint64_t count)
{
	component_exit(the_env, (enum error)hid_uint(the_env->config, "exit", 0));
}

static void beat(struct signal_handler *handler, uint64_t count)
{
	if (!beats)
		return;
	beats--;
	enum error const error = parent_alive(the_env->parent);
	if (error)
		log_error("alive: %s", error_text(error));
}

static struct signal_handler config_handler = { .handle = config_changed };
static struct signal_handler end_handler    = { .handle = end };
static struct signal_handler beat_handler   = { .handle = beat };

enum error component_construct(struct env *env)
{
	the_env = env;
	beats   = hid_uint(env->config, "beats", 0);
	enum error error = signal_handler_open(&config_handler, env->ep);
	if (!error) error = signal_handler_open(&end_handler, env->ep);
	if (!error) error = signal_handler_open(&beat_handler, env->ep);
	if (!error) error = config_watch(env, &config_handler);
	if (!error) error = parent_handlers(env->parent, (signal_cap_t) { 0 },
	                                    beat_handler.cap);
	if (!error && hid_has(env->config, "exit"))
		error = signal_handler_at(&end_handler, clock_us()
			+ hid_uint(env->config, "after_ms", 0) * 1000);
	if (!error)
		say("says");
	return error;
}
