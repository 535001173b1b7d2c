/* SPDX-License-Identifier: MIT */
/*
 * Change a running sandbox step by step, and look at its report and at what its
 * children tell through a service of the embedder
 *
 *     config | exact: yes      time is virtual: judge shares of the CPU
 */

/* public */
#include <base/component.h>
#include <base/service.h>
#include <os/sandbox.h>
#include <rpc/step.h>
#include <session/cpu.h>
#include <util/container_of.h>
#include <util/format.h>
#include <util/string.h>

/* local */
#include "steps.h"

enum { POLL = 10 * 1000, TIMEOUT_MS = 15 * 1000, CHILDREN = 16 };

static struct env     *the_env;
static struct sandbox  sandbox;
static unsigned        current;
static uint64_t        began;
static bool            over;

/* -- what children tell -- */

static char told[8192];

static enum error op_say(struct rpc_object *object, char const *text)
{
	struct session_object const *const session =
		container_of(object, struct session_object, object);
	string_append(told, sizeof told, session->label);
	string_append(told, sizeof told, ": ");
	string_append(told, sizeof told, text);
	string_append(told, sizeof told, "\n");
	return ERROR_OK;
}

static struct step_ops const ops = { .say = op_say };

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	step_object_init(&base->object, &ops);
	return ERROR_OK;
}

static struct service service = {
	.name = "Step", .session_size = sizeof(struct session_object),
	.create = create };
static struct sandbox_service local = { .service = &service };

bool said(char const *child, char const *text)
{
	char line[160];
	format_text(line, sizeof line, "%s: %s\n", child, text);
	for (char const *t = told; *t; t = strchr(t, '\n') + 1)
		if (string_starts(t, line))
			return true;
	return false;
}

/* -- the report -- */

static char                report_text[32 * 1024];
static struct hid          report_nodes[512];
static struct hid_document report = { .nodes = report_nodes, .capacity = 512 };

static void read_report(void)
{
	struct hid_writer w;
	size_t length;
	hid_writer_init(&w, report_text, sizeof report_text);
	hid_begin(&w, "state");
	sandbox_report(&sandbox, &w);
	hid_end(&w);
	enum error error = hid_finish(&w, &length);
	if (!error)
		error = hid_parse(&report, report_text, length, NULL);
	if (error)
		log_error("report: %s", error_text(error));
}

/** Whatever is to be seen in a report must have been a reason for one */
static void state(struct sandbox *changed)
{
	read_report();
}

static struct sandbox_ops const sandbox_ops = { .state = state };

static struct hid const *named(struct hid const *top, char const *type,
                               char const *name)
{
	for (struct hid const *n = NULL; (n = hid_next(top, n, type));)
		if (hid_equals(n, "name", name))
			return n;
	return NULL;
}

struct hid const *state_of(char const *child)
{
	return named(hid_top(&report), "child", child);
}

struct hid const *session_of(char const *child, char const *name)
{
	return named(state_of(child), "session", name);
}

/* -- numbers of starts -- */

static struct { char name[16]; uint64_t id, time; } former[CHILDREN];

static void note_former(void)
{
	unsigned i = 0;
	memset(former, 0, sizeof former);
	for (struct hid const *n = NULL;
	     (n = hid_next(hid_top(&report), n, "child")) && i < CHILDREN; i++) {
		hid_name(n, former[i].name, sizeof former[i].name);
		former[i].id   = hid_uint(n, "id", 0);
		former[i].time = hid_uint(n, "time_us", 0);
	}
}

uint64_t former_id(char const *child)
{
	for (unsigned i = 0; i < CHILDREN; i++)
		if (string_equal(former[i].name, child))
			return former[i].id;
	return 0;
}

uint64_t time_since(char const *child)
{
	read_report();                  /* nothing tells that time goes by */
	uint64_t const time = hid_uint(state_of(child), "time_us", 0);
	for (unsigned i = 0; i < CHILDREN; i++)
		if (string_equal(former[i].name, child))
			return time - former[i].time;
	return time;
}

bool exact_time(void)
{
	return hid_bool(the_env->config, "exact", false);
}

bool one_cpu(void)
{
	uint32_t cpus;
	return cpu_count(the_env->cpu, &cpus) == ERROR_OK && cpus == 1;
}

/* -- going through it -- */

uint64_t step_ms(void)
{
	return (clock_us() - began) / 1000;
}

static enum error configure(char const *rest)
{
	static char text[4096];
	static struct hid nodes[256];
	struct hid_document document = { .nodes = nodes, .capacity = 256 };
	struct hid_error problem = { .text = "too long" };
	string_copy(text, sizeof text,
		"config\n"
		"+ parent-provides\n  + service LOG\n  + service ROM\n"
		"  + service PD\n  + service CPU\n"
		"+ default | ram: 1M | caps: 40\n"
		"+ report | sessions: yes\n"
		"+ default-route\n"
		"  + service Step | + local\n"
		"  + any-service | + parent | + any-child\n");
	enum error error = string_append(text, sizeof text, rest)
		? hid_parse(&document, text, strlen(text), &problem)
		: ERROR_LIMIT;
	if (error)
		log_error("step '%s', line %u: %s", steps[current].name,
		          problem.line, problem.text);
	return error ? error
	     : sandbox_configure(&sandbox, hid_top(&document));
}

static void finish(bool good)
{
	over = true;
	if (!good)
		log_error("step '%s' was not reached\n%s%s", steps[current].name,
		          told, report_text);
	log_info("--- %u of %u steps ---", current, n_steps);
	component_exit(the_env, good ? ERROR_OK : ERROR_INVALID);
}

static void begin_step(void)
{
	read_report();
	note_former();
	told[0] = 0;
	began   = clock_us();
	if (configure(steps[current].config))
		finish(false);
}

static void look(struct signal_handler *handler, uint64_t count)
{
	if (over)
		return;
	if (steps[current].reached()) {
		log_info("step %u: %s", current + 1, steps[current].name);
		if (++current == n_steps)
			finish(true);
		else
			begin_step();
	} else if (step_ms() > TIMEOUT_MS) {
		finish(false);
	}
	error_ignore(signal_handler_at(handler, clock_us() + POLL), "own");
}

static struct signal_handler look_handler = { .handle = look };

enum error component_construct(struct env *env)
{
	the_env = env;
	enum error error = signal_handler_open(&look_handler, env->ep);
	sandbox.ops = &sandbox_ops;
	if (!error) error = sandbox_open(&sandbox, env);
	if (error)
		return error;
	sandbox_provide(&sandbox, &local);
	begin_step();
	return signal_submit(look_handler.cap);
}
