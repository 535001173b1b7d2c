/* SPDX-License-Identifier: MIT */
/*
 * A child for tests of init: does what its configuration says
 *
 *     config | say: text | exit: value | after_ms: 100 | hang: yes | ask: 300
 *            | confirm: name
 *
 * It asks for so many sessions of a service "Never", logs the text at its start and
 * whenever it changes, and exits after that time (if 'exit' is there) or does not come
 * back to its entrypoint (if 'hang'). Whenever it has logged something, it reads the
 * ROM 'confirm', which may change when all did that.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/rom.h>
#include <base/session.h>
#include <base/signal.h>
#include <base/thread.h>
#include <util/string.h>

enum { SESSIONS = 400 };

static struct env       *the_env;
static struct session    sessions[SESSIONS];
static struct rom_module confirmed;

static enum error confirm(char const *name)
{
	return confirmed.rom.cap.cap ? rom_module_update(&confirmed)
	                             : rom_module_open(&confirmed, the_env, name);
}

static void say(char const *how)
{
	char text[64] = "nothing", name[32];
	hid_string(the_env->config, "say", text, sizeof text);
	log_info("%s %s", how, text);
	if (!hid_string(the_env->config, "confirm", name, sizeof name))
		return;
	enum error const error = confirm(name);
	if (error)
		log_error("%s: %s", name, error_text(error));
}

static void config_changed(struct signal_handler *handler, uint64_t count)
{
	if (config_update(the_env) == ERROR_OK)
		say("now says");
}

static void end(struct signal_handler *handler, uint64_t count)
{
	signal_cap_t never;
	if (!hid_bool(the_env->config, "hang", false))
		component_exit(the_env, (enum error)
		               hid_uint(the_env->config, "exit", 0));
	else if (!thread_signal(the_env, &never))
		signal_wait(never);
}

/** Nobody answers them; their parent may tell of each */
static enum error ask(uint64_t n)
{
	char label[SESSION_LABEL] = "";
	enum error error = ERROR_OK;
	while (string_append(label, sizeof label - 16, "x"))
		;
	for (uint64_t i = 0; !error && i < n && i < SESSIONS; i++)
		error = session_request(&sessions[i], the_env, "Never",
			&(struct session_args) { .label = label }, 0, 0);
	return error;
}

static struct signal_handler config_handler = { .handle = config_changed };
static struct signal_handler end_handler    = { .handle = end };

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error error = signal_handler_open(&config_handler, env->ep);
	if (!error) error = signal_handler_open(&end_handler, env->ep);
	if (!error) error = config_watch(env, &config_handler);
	if (!error && (hid_has(env->config, "exit")
	               || hid_has(env->config, "hang")))
		error = signal_handler_at(&end_handler, clock_us()
			+ hid_uint(env->config, "after_ms", 0) * 1000);
	if (!error)
		error = ask(hid_uint(env->config, "ask", 0));
	if (!error)
		say("says");
	return error;
}
