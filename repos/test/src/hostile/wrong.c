/* SPDX-License-Identifier: MIT */
/* What is not as it should be: capabilities, messages, names, numbers */

/* public */
#include <base/heap.h>
#include <base/log.h>
#include <base/rpc.h>
#include <base/signal.h>
#include <base/thread.h>
#include <session/log.h>
#include <session/report.h>
#include <session/timer.h>
#include <util/format.h>
#include <util/string.h>

/* local */
#include "hostile.h"

enum { OPERATIONS = 12, SESSIONS = 8, LINES = 4000 };

/* -- capabilities, messages -- */

/** Any answer is fine; what came with it is ours */
static void send(cap_t session, uint64_t tag, uint32_t words, uint32_t caps,
                 cap_t cap)
{
	struct rpc_message m = { .tag = tag, .words = words, .caps = caps };
	for (uint32_t i = 0; i < RPC_WORDS; i++)
		m.word[i] = i % 3 ? ~0ul : 0x2d0a20200a736574;
	for (uint32_t i = 0; i < RPC_CAPS; i++)
		m.cap[i] = cap;
	if (rpc_call(session, &m, RPC_CAPS) == ERROR_OK)
		for (uint32_t i = 0; i < m.caps; i++)
			cap_drop(m.cap[i]);
}

static void send_all(cap_t session, cap_t cap)
{
	static uint32_t const words[] = { 0, 1, 2, 63, RPC_WORDS };
	for (uint64_t tag = 0; tag < OPERATIONS; tag++)
		for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
			send(session, tag, words[i], 0, 0);
			send(session, tag, words[i], 1, cap);
			send(session, tag | 1ul << 40, words[i], RPC_CAPS, cap);
		}
}

/** A server that keeps the signal finds it gone when it submits */
static enum error listen_dead(struct env *env, struct target const *target,
                              cap_t session)
{
	signal_cap_t signal;
	enum error error = thread_signal(env, &signal);
	if (error)
		return error;
	error_ignore(target->listen(session, signal), "as it likes");
	thread_signal_close(env, &signal);
	for (unsigned n = 0; n < 20; n++)
		error_ignore(target->call(session, n), "as it likes");
	error_ignore(target->listen(session, signal), "a dead one");
	return ERROR_OK;
}

enum error wrong(struct env *env, struct target const *target)
{
	struct session s;
	enum error error = target_open(target, env, &s);
	if (error)
		return error;
	cap_t const caps[] = { 0, env->pd.cap, env->cpu.cap, env->parent.cap,
	                       s.cap };
	for (unsigned i = 0; i < sizeof caps / sizeof *caps; i++) {
		if (target->listen)
			error_ignore(target->listen(s.cap, (signal_cap_t) {
				caps[i] }), "as it likes");
		send_all(s.cap, caps[i]);
		error_ignore(target->call(s.cap, i), "as it likes");
	}
	if (target->listen)
		error = listen_dead(env, target, s.cap);
	if (!error && !cap_alive(s.cap))
		error = expect("the session", ERROR_GONE, ERROR_OK);
	session_close(&s);
	return error;
}

/* -- numbers -- */

static bool lack(enum error error)
{
	return error == ERROR_NO_RAM || error == ERROR_NO_CAPS
	    || error == ERROR_LIMIT  || error == ERROR_CONFLICT
	    || error == ERROR_DONATE_RAM || error == ERROR_DONATE_CAPS;
}

enum error opens(struct env *env, struct target const *target)
{
	static struct session sessions[SESSIONS];
	enum error error = ERROR_OK;
	unsigned n = 0;
	while (n < SESSIONS && !error) {
		error = target_open(target, env, &sessions[n]);
		if (!error)
			error_ignore(target->call(sessions[n].cap, n),
			             "as it likes");
		n += !error;
	}
	if (!n && error == ERROR_CONFLICT)
		return error;           /* somebody else has the only one */
	if (!n || (error && !lack(error)))
		return expect("sessions", error, ERROR_NO_RAM);
	while (n-- > 0)
		session_close(&sessions[n]);
	return ERROR_OK;
}

/* -- names of others -- */

/** Its label begins with its own name, whatever it says */
static enum error forge(struct env *env, char const *label, char const *text)
{
	struct report_session report;
	dataspace_cap_t ds;
	void *at;
	enum error error = report_open(&report, env,
		&(struct session_args) { .label = label });
	if (error)
		return ERROR_OK;        /* refused */
	error = report_dataspace(report.cap, &ds);
	if (!error)
		error = ram_attach(env, ds, true, &at);
	if (error)
		return error;
	string_copy(at, 4096, text);
	for (unsigned i = 0; i < 20 && !error; i++)
		error = report_submit(report.cap, strlen(text));
	ram_detach(env, at);
	report_close(&report);
	return error;
}

enum error forges(struct env *env)
{
	static char const *const labels[] = { "", "power", "pulse", " -> power",
		"operator", "operator -> power", "patron -> pulse",
		"init -> operator -> power", "operator -> power\n",
		"\noperator -> power", "operator -> power -> ", "config" };
	static char const *const texts[] = {
		"config | state: reboot\n-\n", "config | state: off\n-\n",
		"pulse | beat: 1\n-\n" };
	enum error error = ERROR_OK;
	for (unsigned i = 0; i < 36 && !error; i++)
		error = forge(env, labels[i / 3], texts[i % 3]);
	for (unsigned i = 0; i < 12 && !error; i++) {
		struct session s;
		error = session_open(&s, env, "System",
			&(struct session_args) { .label = labels[i] },
			16 << 10, 4);
		error = expect("System", error, ERROR_DENIED);
	}
	return error;
}

/** What is overwritten before it was read must not look like core's own */
enum error chatters(struct env *env)
{
	static char const line[] = "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"
		"~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~";
	for (unsigned i = 0; i < LINES; i++)
		log_info("%s", line);
	return ERROR_OK;
}
