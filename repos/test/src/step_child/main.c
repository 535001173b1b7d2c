/* SPDX-License-Identifier: MIT */
/*
 * A child in the test of live changes: does what its configuration says, and
 * tells what happens
 *
 *     config | say: text               at its start and at each change
 *            | open: Service           asks for it, again if it is gone
 *            | label: text | use_buffer: yes
 *            | give_up_ms: 100         closes it if it is still pending then
 *            | provide: Service | manner: deny
 *            | eat: 1M                 takes so much memory, or gives it back
 *            | exit: value | hang: yes
 *            | spin: yes               a second thread that never stops, and tells
 *                                      on which CPU it finds itself
 */

#include <base/component.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/resource.h>
#include <base/signal.h>
#include <base/thread.h>
#include <rpc/step.h>
#include <stdarg.h>
#include <util/format.h>
#include "child.h"

struct env *the_env;

static struct step_session    teller;
static struct session         session;
static struct signal_handler  changed_handler, config_handler, timer_handler;
static char                   service[32];

void say(char const *format, ...)
{
	char text[96];
	va_list list;
	va_start(list, format);
	format_print(text, sizeof text, format, list);
	va_end(list);
	enum error const error = step_say(teller.cap, text);
	if (error)
		log_error("cannot say '%s': %s", text, error_text(error));
}

/* -- client -- */

static void ask(void)
{
	char label[64] = "";
	hid_string(the_env->config, "label", label, sizeof label);
	enum error const error = session_request(&session, the_env, service,
		&(struct session_args) { .changed = &changed_handler,
		                         .label = label },
		16 * 1024, 4);
	if (error)
		say("refused: %s", error_text(error));
}

/** What was not seen answered is sent again, to whoever serves now */
static void opened(void)
{
	enum error const error = step_say((step_cap_t) { session.cap }, "hello");
	say("open: %s", error_text(error));
}

/** Memory of a server that frees it meanwhile reads as zeros, and no more */
static void use_buffer(void)
{
	step_cap_t const step = { session.cap };
	dataspace_cap_t ds;
	void *at;
	enum error error = step_buffer(step, &ds);
	if (!error) error = ram_attach(the_env, ds, true, &at);
	if (error) {
		say("no buffer: %s", error_text(error));
		return;
	}
	uint64_t volatile *const word = at;
	*word = 1;
	error = step_say(step, "free it");
	uint64_t const found = *word;
	*word = 2;
	say("buffer: %s, %lu, %lu", error_text(error), found, *word);
	ram_detach(the_env, at);
	cap_drop(ds.cap);
}

static void changed(struct signal_handler *handler, uint64_t count)
{
	switch (session_state(&session)) {
	case SESSION_OPEN:
		if (hid_bool(the_env->config, "use_buffer", false))
			use_buffer();
		else
			opened();
		break;
	case SESSION_GONE:
		say("gone");
		session_close(&session);
		ask();
		break;
	case SESSION_DENIED:
		say("denied");
		session_close(&session);
		break;
	case SESSION_CLOSED: case SESSION_PENDING:
		break;
	}
}

/* -- memory -- */

static void *eaten;
static size_t eaten_size;

static void yield(struct yield_handler *handler, size_t ram, size_t caps)
{
	say("asked to yield");
	heap_free(the_env->heap, eaten, eaten_size);
	eaten      = NULL;
	eaten_size = 0;
}

static struct yield_handler yield_handler = { .yield = yield };

static void eat(void)
{
	size_t const size = hid_uint(the_env->config, "eat", 0);
	if (size == eaten_size)
		return;
	heap_free(the_env->heap, eaten, eaten_size);
	eaten      = size ? heap_alloc(the_env->heap, size) : NULL;
	eaten_size = eaten ? size : 0;
	say(eaten || !size ? "ate %lu" : "hungry for %lu", size);
}

/* -- life -- */

static void obey(void)
{
	char text[64];
	if (hid_string(the_env->config, "say", text, sizeof text))
		say("say %s", text);
	eat();
}

static void hang(void)
{
	signal_cap_t never;
	if (!thread_signal(the_env, &never))
		signal_wait(never);
}

/** Initial APIC id (SDM volume 2, CPUID, leaf 1) */
static unsigned here(void)
{
	unsigned a = 1, b, c = 0, d;
	__asm__ volatile ("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b >> 24;
}

static void spin(struct thread *thread)
{
	for (unsigned on = ~0u;;) {
		unsigned const now = here();
		if (now != on)
			say("on CPU %u", now);
		on = now;
	}
}

static enum error start_spinning(void)
{
	static struct thread thread;
	return thread_open(&thread, the_env, &(struct thread_args) {
		.entry = spin, .name = "spin" });
}

static void config_changed(struct signal_handler *handler, uint64_t count)
{
	if (!config_update(the_env))
		obey();
}

static void timer(struct signal_handler *handler, uint64_t count)
{
	if (session_state(&session) != SESSION_PENDING)
		return;
	session_close(&session);
	say("gave up");
}

static enum error begin(void)
{
	struct hid const *const config = the_env->config;
	obey();
	enum error error = hid_bool(config, "spin", false) ? start_spinning()
	                                                   : ERROR_OK;
	if (!error)
		error = serve();
	if (!error && hid_string(config, "open", service, sizeof service))
		ask();
	if (!error && hid_has(config, "give_up_ms"))
		error = signal_handler_at(&timer_handler, clock_us()
			+ hid_uint(config, "give_up_ms", 0) * 1000);
	if (hid_has(config, "exit"))
		component_exit(the_env, (enum error)hid_uint(config, "exit", 0));
	if (hid_bool(config, "hang", false))
		hang();
	return error;
}

enum error component_construct(struct env *env)
{
	the_env = env;
	changed_handler.handle = changed;
	config_handler.handle  = config_changed;
	timer_handler.handle   = timer;
	yield_handler_set(env, &yield_handler);
	enum error error = step_open(&teller, env, NULL);
	if (!error) error = signal_handler_open(&changed_handler, env->ep);
	if (!error) error = signal_handler_open(&config_handler, env->ep);
	if (!error) error = signal_handler_open(&timer_handler, env->ep);
	if (!error) error = config_watch(env, &config_handler);
	return error ? error : begin();
}
