/* SPDX-License-Identifier: MIT */
/*
 * Client of a server that does not keep to the rules (repos/test/src/rogue)
 *
 *     config | manner: never        as the server's
 *
 * A thread does what any client does, some times over; each answer must be one
 * that a server of that manner can cause, and nothing may come of it but that.
 * Who is never answered waits, and is the only one. Exits with 0 if all of that
 * was so.
 */

/* public */
#include <base/component.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/signal.h>
#include <base/thread.h>
#include <session/rm.h>
#include <session/step.h>
#include <util/string.h>

/* local */
#include "lies.h"

enum { ROUNDS = 5, PATIENCE_US = 300 * 1000 };

#define CAN(error) (1u << ERROR_##error)

struct manner {
	char const *name;
	bool        waits;              /* for ever */
	uint32_t    open, say, buffer;  /* sets of errors */
};

static struct manner const manners[] = {
	{ "never",    true,  0, 0, 0 },
	{ "mute",     true,  CAN(OK), 0, CAN(REFUSED) },
	{ "twice",    false, CAN(OK) | CAN(GONE) | CAN(DENIED), CAN(OK) | CAN(GONE),
	  CAN(REFUSED) | CAN(GONE) },
	{ "early",    false, CAN(OK) | CAN(GONE), CAN(OK) | CAN(GONE),
	  CAN(REFUSED) | CAN(GONE) },
	{ "free",     false, CAN(OK), CAN(OK), CAN(OK) },
	{ "wild",     false, CAN(OK), CAN(OK), CAN(REFUSED) },
	{ "wrong",    false, CAN(OK), CAN(REFUSED) | CAN(INVALID),
	  CAN(REFUSED) | CAN(INVALID) | CAN(OK) },
	{ "garbage",  false, CAN(OK), CAN(CORRUPT) | CAN(WINDOW),
	  CAN(CORRUPT) | CAN(WINDOW) },
	{ "exits",    false, CAN(OK) | CAN(DENIED) | CAN(GONE),
	  CAN(OK) | CAN(GONE), CAN(REFUSED) | CAN(GONE) },
	{ "faults",   false, CAN(OK) | CAN(DENIED) | CAN(GONE), CAN(GONE),
	  CAN(REFUSED) },
	{ "destroys", false, CAN(OK) | CAN(INVALID) | CAN(DENIED) | CAN(GONE),
	  CAN(OK) | CAN(GONE) | CAN(INVALID),
	  CAN(REFUSED) | CAN(GONE) | CAN(INVALID) },
	{ "keeps",    false, CAN(OK), CAN(OK), CAN(REFUSED) },
	{ "lies",     false, CAN(OK), CAN(OK), CAN(REFUSED) },
};

static struct env          *the_env;
static struct manner const *manner;
static struct thread        client;
static enum error           outcome;

static void ended(struct signal_handler *handler, uint64_t count);
static struct signal_handler ended_handler = { .handle = ended };

/** Whether 'error' is in the set of what may be; says so if it is not */
static bool good(char const *what, enum error error, uint32_t set)
{
	if (set >> error & 1)
		return true;
	log_error("%s: %s: %s", manner->name, what, error_text(error));
	outcome = ERROR_CORRUPT;
	return false;
}

/** Memory that the server frees meanwhile reads as zeros, and is ours then */
static void use_memory(step_cap_t step, dataspace_cap_t ds)
{
	void *at;
	enum error error = ram_attach(the_env, ds, true, &at);
	if (error) {
		good("attach", error, CAN(INVALID) | CAN(GONE));
		return;
	}
	uint64_t volatile *const word = at;
	*word = 1;
	error = step_say(step, "free it");
	uint64_t const found = *word;
	*word = 2;
	good("say", error, manner->say);
	if (found || *word != 2)
		outcome = ERROR_CORRUPT;
	ram_detach(the_env, at);
}

static void use(step_cap_t step)
{
	dataspace_cap_t ds = { 0 };
	enum error const error = step_buffer(step, &ds);
	if (good("buffer", error, manner->buffer) && !error) {
		use_memory(step, ds);
		cap_drop(ds.cap);
	}
	good("say", step_say(step, "x"), manner->say);
}

static void run(struct thread *thread)
{
	for (unsigned i = 0; i < ROUNDS && !outcome; i++) {
		struct session s;
		enum error const error =
			session_open(&s, the_env, "Alpha", NULL, 16 * 1024, 4);
		if (good("open", error, manner->open) && !error)
			use((step_cap_t) { s.cap });
		session_close(&s);
		if (string_equal(manner->name, "lies") && use_lies(the_env))
			outcome = ERROR_CORRUPT;
	}
	if (manner->waits)
		outcome = ERROR_CORRUPT;    /* it should not have come here */
	error_ignore(signal_submit(ended_handler.cap), "own signal");
}

static void ended(struct signal_handler *handler, uint64_t count)
{
	component_exit(the_env, (int)outcome);
}

static void late(struct signal_handler *handler, uint64_t count)
{
	if (!manner->waits)
		log_error("%s: no answer", manner->name);
	component_exit(the_env, manner->waits ? ERROR_OK : ERROR_AGAIN);
}

static struct signal_handler late_handler = { .handle = late };

enum error component_construct(struct env *env)
{
	the_env = env;
	for (unsigned i = 0; i < sizeof manners / sizeof *manners; i++)
		if (hid_equals(env->config, "manner", manners[i].name))
			manner = &manners[i];
	enum error error = manner ? ERROR_OK : ERROR_NOT_FOUND;
	if (!error) error = signal_handler_open(&ended_handler, env->ep);
	if (!error && manner->waits) {
		error = signal_handler_open(&late_handler, env->ep);
		if (!error)
			error = signal_handler_at(&late_handler,
			                          clock_us() + PATIENCE_US);
	}
	if (!error)
		error = thread_open(&client, env, &(struct thread_args) {
			.entry = run, .name = "client" });
	if (error)
		component_exit(env, (int)error);
	return ERROR_OK;
}
