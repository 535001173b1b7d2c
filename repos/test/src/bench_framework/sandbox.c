/* SPDX-License-Identifier: MIT */
/* Start and end of a component through a sandbox, configuration included */

#include <base/hid.h>
#include <base/service.h>
#include <os/sandbox.h>
#include <rpc/step.h>
#include <session/pd.h>
#include <util/format.h>
#include <util/string.h>
#include "framework.h"

enum { ROUNDS = 12 };

static struct env     *the_env;
static struct sandbox  sandbox;
static struct sample   start, destroy;
static unsigned        round;

static struct signal_handler next_handler;

static enum error create(struct service *service, struct session_object *base,
                         struct session_request const *request)
{
	static struct step_ops const ops;
	if (round)
		sample_end(&start);
	step_object_init(&base->object, &ops);
	return signal_submit(next_handler.cap);
}

static struct service service = {
	.name = "Step", .session_size = sizeof(struct session_object),
	.create = create };
static struct sandbox_service local = { .service = &service };

static enum error configure(char const *starts)
{
	static char text[1024];
	static struct hid nodes[64];
	struct hid_document document = { .nodes = nodes, .capacity = 64 };
	size_t const length = format_text(text, sizeof text,
		"config\n"
		"+ parent-provides\n  + service LOG\n  + service ROM\n"
		"  + service PD\n  + service CPU\n"
		"+ default-route | + any-service | + local | + parent\n%s-\n",
		starts);
	enum error const error = hid_parse(&document, text, length, NULL);
	return error ? error : sandbox_configure(&sandbox, hid_top(&document));
}

static enum error begin(void)
{
	sample_begin(&start);
	return configure("+ start leaf | ram: 512K | caps: 30 | + config | tell: yes\n");
}

/** What a component that does nothing has in its account */
static void print_size(void)
{
	char text[2048];
	struct hid nodes[32];
	struct hid_document document = { .nodes = nodes, .capacity = 32 };
	struct hid_writer w;
	size_t length;
	hid_writer_init(&w, text, sizeof text);
	hid_begin(&w, "state");
	sandbox_report(&sandbox, &w);
	hid_end(&w);
	enum error error = hid_finish(&w, &length);
	if (!error) error = hid_parse(&document, text, length, NULL);
	struct hid const *const child = hid_next(hid_top(&document), NULL, "child");
	log_info("bench minimal_component_bytes %lu", hid_uint(child, "ram_used", 0));
	log_info("bench minimal_component_caps %lu", hid_uint(child, "caps_used", 0));
}

static void next(struct signal_handler *handler, uint64_t count)
{
	if (!round)
		print_size();
	sample_begin(&destroy);
	enum error error = configure("");
	sample_end(&destroy);
	if (!error && ++round < ROUNDS) {
		error = begin();
		if (!error)
			return;
	}
	sample_print("sandbox_child_start", &start);
	sample_print("sandbox_child_destroy", &destroy);
	log_info("--- bench finished ---");
	component_exit(the_env, error);
}

void bench_sandbox(struct env *env)
{
	the_env = env;
	next_handler.handle = next;
	enum error error = signal_handler_open(&next_handler, env->ep);
	if (!error) error = sandbox_open(&sandbox, env);
	if (!error) {
		sandbox_provide(&sandbox, &local);
		error = begin();
	}
	if (error)
		log_error("sandbox: %s", error_text(error));
}
