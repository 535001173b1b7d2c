/* SPDX-License-Identifier: MIT */
/*
 * init: a sandbox that is configured by ROM "config" and reports its state
 *
 * 'report | every_ms' in the configuration makes it report "state", at each
 * change and at that period.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/rom.h>
#include <os/sandbox.h>
#include <util/container_of.h>

enum { REPORT_SIZE = 64 * 1024 };

struct init {
	struct env           *env;
	struct sandbox        sandbox;
	struct reporter       reporter;
	bool                  reporting;
	enum error            told;         /* last outcome of a report */
	uint64_t              period;       /* microseconds; 0: at changes only */
	struct signal_handler config, tick;
};

static enum error submit(struct init *init)
{
	struct hid_writer *const w = reporter_begin(&init->reporter);
	hid_begin(w, "state");
	sandbox_report(&init->sandbox, w);
	hid_end(w);
	return reporter_submit(&init->reporter);
}

/** Children open as many sessions as they can pay: that must not hide the rest */
static enum error submit_short(struct init *init)
{
	bool *const sessions = &init->sandbox.config.lists_sessions;
	bool const former = *sessions;
	*sessions = false;
	enum error const error = submit(init);
	*sessions = former;
	return error;
}

static void report(struct init *init)
{
	if (!init->reporting)
		return;
	enum error error = submit(init);
	if (error == ERROR_LIMIT)
		error = submit_short(init);
	if (error && error != init->told)
		log_error("report: %s", error_text(error));
	init->told = error;
	if (init->period)
		error_ignore(signal_handler_at(&init->tick,
		                               clock_us() + init->period),
		             "own handler");
}

static void tick(struct signal_handler *handler, uint64_t count)
{
	report(container_of(handler, struct init, tick));
}

static void state(struct sandbox *sandbox)
{
	report(container_of(sandbox, struct init, sandbox));
}

static void child_exit(struct sandbox *sandbox, int value)
{
	component_exit(container_of(sandbox, struct init, sandbox)->env,
	               (enum error)value);
}

static struct sandbox_ops const quiet = { .exit = child_exit };
static struct sandbox_ops const telling = { .exit = child_exit, .state = state };

/** Open or close the report, as the configuration says */
static void set_reporting(struct init *init)
{
	struct hid const *const node = hid_next(init->env->config, NULL, "report");
	bool const before = init->reporting;
	init->period = hid_uint(node, "every_ms", 0) * 1000;
	if (node && !init->reporting) {
		enum error const error = reporter_open(&init->reporter, init->env,
		                                       "state", REPORT_SIZE);
		init->reporting = !error;
		if (error)
			log_error("no report: %s", error_text(error));
	} else if (!node && init->reporting) {
		reporter_close(&init->reporter);
		init->reporting = false;
	}
	init->sandbox.ops = init->reporting ? &telling : &quiet;
	if (!before)
		report(init);
}

static enum error configure(struct init *init)
{
	enum error const error = sandbox_configure(&init->sandbox,
	                                           init->env->config);
	if (!error && !hid_next(init->env->config, NULL, "start"))
		log_warning("nothing to start: no configuration, or an empty one");
	if (!error)
		set_reporting(init);
	return error;
}

static void config_changed(struct signal_handler *handler, uint64_t count)
{
	struct init *const init = container_of(handler, struct init, config);
	enum error error = config_update(init->env);
	if (!error)
		error = configure(init);
	if (error)
		log_error("the former configuration stays: %s", error_text(error));
}

enum error component_construct(struct env *env)
{
	static struct init init = {
		.sandbox.ops = &quiet, .config.handle = config_changed,
		.tick.handle = tick };
	init.env = env;
	enum error error = sandbox_open(&init.sandbox, env);
	if (!error)
		error = signal_handler_open(&init.config, env->ep);
	if (!error)
		error = signal_handler_open(&init.tick, env->ep);
	if (!error)
		error = config_watch(env, &init.config);
	if (error)
		return error;
	error_ignore(config_update(env), "it may have changed before the watch");
	return configure(&init);
}
