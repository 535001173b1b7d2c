/* SPDX-License-Identifier: MIT */
/*
 * A client that attacks each of the standard servers in one way
 *
 *     config | kind: dies        leaves sessions as they are, in all states
 *                                ("dies-2" is the same)
 *                    dies_in_call
 *                    closes      its session during a call, again and again
 *                    poor        donates too little
 *                    frees       what is the server's; clones, attaches and
 *                                changes it
 *                    holds       attaches it very often, then closes the session
 *                    changes     a report while the server reads it
 *                    floods      calls, signals
 *                    nonsense    labels, arguments
 *                    wrong       capabilities, messages
 *                    opens       as many sessions as it can
 *                    forges      what others say, and their labels
 *                    chatters    on LOG
 *                    storms      at all servers at once, on all CPUs
 *
 * Exits with 0 if no server gave an answer that it must not give.
 */

/* public */
#include <base/component.h>
#include <base/heap.h>
#include <base/hid.h>
#include <base/signal.h>
#include <base/thread.h>
#include <session/cpu.h>
#include <session/parent.h>
#include <session/pd.h>
#include <session/rm.h>
#include <util/string.h>

/* local */
#include "hostile.h"

enum { ROUNDS = 2, CALLS = 200, CALLS_EACH = 2000, CHANGES = 100000, HOLDS = 2000,
       CLONES = 40 };

static struct env *the_env;

enum error expect(char const *what, enum error got, enum error wanted)
{
	if (got == wanted)
		return ERROR_OK;
	log_error("%s: %s", what, error_text(got));
	return ERROR_CORRUPT;
}

/* -- a thread that calls a session, on another CPU if there is one -- */

static struct {
	struct thread               thread;
	signal_cap_t                go, answered;
	cap_t volatile              session;
	struct target const        *target;
	uint64_t                    answers;
} caller;

static void call_all_the_time(void)
{
	cap_t session;
	for (unsigned n = 0; n < CALLS_EACH && (session = caller.session); n++) {
		if (caller.target->call(session, n) && !cap_alive(session))
			return;
		if (!n)
			error_ignore(signal_submit(caller.answered), "own");
		caller.answers++;
	}
}

static void run_caller(struct thread *thread)
{
	if (thread_signal(the_env, &caller.go))
		return;
	error_ignore(signal_submit(caller.answered), "own");
	for (;;) {
		signal_wait(caller.go);
		call_all_the_time();
	}
}

static enum error start_caller(void)
{
	uint32_t cpus = 1;
	enum error error = thread_signal(the_env, &caller.answered);
	if (!error)
		error = cpu_count(the_env->cpu, &cpus);
	if (!error)
		error = thread_open(&caller.thread, the_env,
			&(struct thread_args) { .entry = run_caller,
			                        .name = "caller",
			                        .cpu = cpus - 1 });
	if (!error)
		signal_wait(caller.answered);
	return error;
}

/** Returns when it has called once, and goes on */
static void call_with(struct target const *target, cap_t session)
{
	caller.target  = target;
	caller.session = session;
	if (!session)
		return;
	error_ignore(signal_submit(caller.go), "own signal");
	signal_wait(caller.answered);
}

/* -- attacks on one server -- */

static enum error dies(struct target const *target)
{
	/* open and in use, pending, and closed before the answer */
	static struct session sessions[16][3];
	struct session *const s = sessions[target - targets];
	signal_cap_t signal;
	enum error error = target_open(target, the_env, &s[0]);
	if (!error && target->listen) {
		error = thread_signal(the_env, &signal);
		if (!error)
			error = target->listen(s[0].cap, signal);
	}
	struct session_args const args = { .label = target->label };
	for (unsigned i = 1; i < 3 && !error; i++)
		error = session_request(&s[i], the_env, target->service, &args,
		                        target->ram, target->caps);
	session_close(&s[2]);
	return error;
}

static enum error closes(struct target const *target)
{
	enum error error = ERROR_OK;
	for (unsigned i = 0; i < ROUNDS && !error; i++) {
		struct session s;
		error = target_open(target, the_env, &s);
		if (error)
			break;
		call_with(target, s.cap);
		session_close(&s);
		call_with(target, 0);
	}
	return error;
}

/** What the least donation is, is found out */
static enum error poor(struct target const *target)
{
	signal_cap_t const none = { 0 };
	for (uint32_t i = 0; i < 24; i++) {
		struct parent_donation const donation = {
			.ram = i * 700ul, .caps = i % 5 };
		object_cap_t session = { 0 };
		uint32_t id = 0;
		bool pending;
		enum error const error = parent_session(the_env->parent,
			target->service, target->label, "", &donation, none,
			&id, &pending, &session);
		cap_drop(session.cap);
		if (!error)
			while (parent_close(the_env->parent, id) == ERROR_AGAIN)
				;
		else if (error != ERROR_DONATE_RAM
		      && error != ERROR_DONATE_CAPS && error != ERROR_NO_RAM
		      && error != ERROR_NO_CAPS
		      && error != ERROR_CONFLICT)       /* the patron has it */
			return expect("little donated", error, ERROR_DONATE_RAM);
	}
	return ERROR_OK;
}

/** Nothing of this is the client's to do, or does harm to others */
static enum error abuse(dataspace_cap_t ds, bool fixed)
{
	void *at = NULL;
	enum error error = expect("free", pd_ram_free(the_env->pd, ds),
	                          ERROR_INVALID);
	if (!error)
		error = expect("seal", pd_ram_seal(the_env->pd, ds),
		               ERROR_INVALID);
	for (unsigned i = 0; i < CLONES && !error && !fixed; i++) {
		dataspace_cap_t copy;
		error = i & 1 ? pd_ram_view(the_env->pd, ds, &copy)
		              : pd_ram_clone(the_env->pd, ds, &copy);
	}
	if (error || ram_attach(the_env, ds, true, &at))
		return error;
	if (fixed)
		return expect("attach", ERROR_OK, ERROR_DENIED);
	memset(at, '+', 4096);
	return ERROR_OK;
}

static enum error frees(struct target const *target)
{
	struct session s;
	dataspace_cap_t ds;
	enum error error = target->memory ? target_open(target, the_env, &s)
	                                  : ERROR_NOT_FOUND;
	if (error == ERROR_NOT_FOUND)
		return ERROR_OK;
	if (!error && target->memory(s.cap, &ds) == ERROR_OK) {
		error = abuse(ds, target->fixed);
		for (unsigned n = 0; n < 4; n++)
			error_ignore(target->call(s.cap, n), "as it likes");
	}
	session_close(&s);
	return error;
}

static enum error holds(struct target const *target)
{
	struct session s;
	dataspace_cap_t ds;
	uint64_t at;
	if (!target->memory || target->fixed)   /* that does not end with it */
		return ERROR_OK;
	enum error const error = target_open(target, the_env, &s);
	if (!error && target->memory(s.cap, &ds) == ERROR_OK)
		for (unsigned i = 0; i < HOLDS; i++)
			if (rm_attach(the_env->rm, ds, 0, 0, 0, RM_READ, &at))
				break;
	session_close(&s);
	return error;
}

/** Two write what a third reads, who must have a copy before it looks */
static enum error changes(struct target const *target)
{
	static char const *const texts[] = { "report | a: b\n-\n", "re\1port\n",
		"+ + +", "report\n  + a | b: c | b: d\n-\n" };
	struct session s;
	dataspace_cap_t ds = { 0 };
	void *at;
	if (!string_equal(target->service, "Report"))
		return ERROR_OK;
	enum error error = target_open(target, the_env, &s);
	if (!error) error = target->memory(s.cap, &ds);
	if (!error) error = ram_attach(the_env, ds, true, &at);
	if (error)
		return error;
	call_with(target, s.cap);
	for (unsigned i = 0; i < CHANGES; i++)
		string_copy((char *)at + i % 7, 64, texts[i % 4]);
	session_close(&s);
	call_with(target, 0);
	return ERROR_OK;
}

static enum error floods(struct target const *target)
{
	struct session s;
	signal_cap_t signal;
	enum error error = target_open(target, the_env, &s);
	if (!error) error = thread_signal(the_env, &signal);
	if (error)
		return error;
	for (unsigned n = 0; n < CALLS; n++) {
		error_ignore(target->call(s.cap, n), "as it likes");
		if (target->listen && n % 10 == 0)
			error_ignore(target->listen(s.cap, signal), "as well");
		error_ignore(signal_submit(signal), "own signal");
	}
	session_close(&s);
	thread_signal_close(the_env, &signal);
	return ERROR_OK;
}

static enum error nonsense(struct target const *target)
{
	static char const many[] =
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	static char const *const words[] = { "", " -> ", "a -> b -> ", "|", "\1\2",
		"report | buffer: 99999999999999999999", "report | buffer: 0",
		"report | buffer: 1048577", "- \n -", "+ + + + + + +",
		"\xff\xfe\xfd", "reported -> reported", "patron -> pulse",
		"line\n[init] error: no\n", "config | state: reboot",
		many, many + sizeof many / 2 };
	for (unsigned i = 0; i < 2 * sizeof words / sizeof *words; i++) {
		char const *const word = words[i / 2];
		struct session s;
		enum error const error = session_open(&s, the_env,
			target->service, &(struct session_args) {
			.label = i & 1 ? target->label : word, .text = word },
			target->ram, target->caps);
		if (!error)
			error_ignore(target->call(s.cap, i), "as it likes");
		session_close(&s);
	}
	return ERROR_OK;
}

/* -- all of them -- */

static enum error wrong_one(struct target const *target)
{
	return wrong(the_env, target);
}

static enum error opens_one(struct target const *target)
{
	return opens(the_env, target);
}

static struct {
	char const *name;
	enum error (*run)(struct target const *);
	bool        calls;
} const attacks[] = {
	{ "dies",         dies,      false }, { "dies_in_call", closes,    true  },
	{ "closes",       closes,    true  }, { "poor",         poor,      false },
	{ "frees",        frees,     false }, { "holds",        holds,     false },
	{ "changes",      changes,   true  }, { "floods",       floods,    false },
	{ "nonsense",     nonsense,  false }, { "wrong",        wrong_one, false },
	{ "opens",        opens_one, false },
};

static struct { char const *name; enum error (*run)(struct env *); } const
at_once[] = {
	{ "forges", forges }, { "chatters", chatters }, { "storms", storms } };

static enum error attack(unsigned i)
{
	enum error error = attacks[i].calls ? start_caller() : ERROR_OK;
	for (unsigned t = 0; t < n_targets && !error; t++) {
		error = attacks[i].run(&targets[t]);
		if (error == ERROR_CONFLICT)    /* one at a time has it */
			error = ERROR_OK;
		if (error)
			log_error("%s %s: %s", targets[t].service,
			          targets[t].label, error_text(error));
	}
	return error || !attacks[i].calls || caller.answers ? error
	     : ERROR_NOT_FOUND;     /* nothing was called */
}

/** Somewhere among the servers, during a call */
static enum error end_in_call(uint64_t seed)
{
	static struct session s;
	struct target const *const target = &targets[seed % n_targets];
	enum error const error = target_open(target, the_env, &s);
	if (error)
		return error;
	call_with(target, s.cap);
	return ERROR_OK;
}

enum error component_construct(struct env *env)
{
	enum error error = ERROR_NOT_FOUND;
	char kind[64] = "";
	the_env = env;
	hid_string(env->config, "kind", kind, sizeof kind);
	for (char *c = kind; *c; c++)
		if (*c == '-')
			*c = 0;
	for (unsigned i = 0; i < sizeof attacks / sizeof *attacks; i++)
		if (string_equal(kind, attacks[i].name))
			error = attack(i);
	for (unsigned i = 0; i < sizeof at_once / sizeof *at_once; i++)
		if (string_equal(kind, at_once[i].name))
			error = at_once[i].run(env);
	if (!error && string_equal(kind, "dies_in_call"))
		error = end_in_call(hid_uint(env->config, "seed", 0));
	component_exit(env, (int)error);
	return ERROR_OK;
}
