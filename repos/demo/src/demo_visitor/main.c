/* SPDX-License-Identifier: MIT */
/*
 * Visitor: lets itself be greeted now and then, whatever becomes of the server
 *
 *     config | greet: visitor | period_ms: 1000
 *
 * The server may die at any time: the next call then returns "gone", and so
 * does the session's signal. The visitor asks for a new session and goes on as
 * soon as there is one.
 */

#include <base/component.h>
#include <base/hid.h>
#include <base/signal.h>
#include <os/config_number.h>
#include <session/hello.h>
#include <session/timer.h>

static struct env          *the_env;
static struct timer_session timer;
static struct hello_session hello;

static void changed(struct signal_handler *, uint64_t);
static struct signal_handler changed_handler = { .handle = changed };

static void ask(void)
{
	enum error const error = hello_request(&hello, the_env,
		&(struct session_args) { .changed = &changed_handler });
	if (error)
		log_error("cannot ask for a server: %s", error_text(error));
}

static void changed(struct signal_handler *handler, uint64_t count)
{
	switch (session_state(&hello.session)) {
	case SESSION_OPEN:
		log_info("there is a server");
		break;
	case SESSION_GONE:
		log_info("the server is gone; asking for a new one");
		hello_close(&hello);
		ask();
		break;
	case SESSION_DENIED:
	case SESSION_CLOSED:
	case SESSION_PENDING:
		break;
	}
}

static void visit(struct signal_handler *handler, uint64_t count)
{
	char name[32] = "visitor", text[64];
	uint32_t n;

	switch (session_state(&hello.session)) {
	case SESSION_OPEN:
		break;
	case SESSION_DENIED:
		/* nobody offers it at present */
		hello_close(&hello);
		ask();
		return;
	default:
		return;
	}
	hid_string(the_env->config, "greet", name, sizeof name);
	if (hello_greet(hello.cap, name, text, &n) == ERROR_OK)
		log_info("%s (%u)", text, n);
}

static struct signal_handler visit_handler = { .handle = visit };

enum error component_construct(struct env *env)
{
	uint64_t const us = config_ms(env->config, "period_ms", 1000, 10);
	the_env = env;
	enum error error = timer_open(&timer, env, NULL);
	if (!error) error = signal_handler_open(&changed_handler, env->ep);
	if (!error) error = signal_handler_open(&visit_handler, env->ep);
	if (!error) error = timer_periodic(timer.cap, visit_handler.cap, us);
	if (!error)
		ask();
	return error;
}
