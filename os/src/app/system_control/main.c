/* SPDX-License-Identifier: MIT */
/*
 * System control: reboots or switches off when its configuration says so
 *
 *     config | state: run            "run", "reboot", "off"
 *
 * The configuration usually is a ROM that somebody reports, so that whoever may
 * report decides, and this component alone has the capability. "after_ms" leaves
 * others time to finish.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/signal.h>
#include <os/config_number.h>
#include <session/system.h>

static struct env           *the_env;
static struct system_session system;

static void act(struct signal_handler *handler, uint64_t count)
{
	struct hid const *const config = the_env->config;
	enum error error = ERROR_OK;
	if (hid_equals(config, "state", "off"))
		error = system_power_off(system.cap);
	if (hid_equals(config, "state", "reboot"))
		error = system_reboot(system.cap);
	if (error)
		log_error("the machine does not obey: %s", error_text(error));
}

static struct signal_handler act_handler = { .handle = act };

static void apply(void)
{
	uint64_t const delay = config_ms(the_env->config, "after_ms", 0, 0);
	error_ignore(signal_handler_at(&act_handler, clock_us() + delay),
	             "own handler");
}

static void config_changed(struct signal_handler *handler, uint64_t count)
{
	if (config_update(the_env) == ERROR_OK)
		apply();
}

static struct signal_handler config_handler = { .handle = config_changed };

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error error = system_open(&system, env, NULL);
	if (!error) error = signal_handler_open(&act_handler, env->ep);
	if (!error) error = signal_handler_open(&config_handler, env->ep);
	if (!error) error = config_watch(env, &config_handler);
	if (!error) apply();
	return error;
}
