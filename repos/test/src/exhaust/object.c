/* SPDX-License-Identifier: MIT */
/* Kernel objects, domains, traces, donations */

/* public */
#include <base/component.h>
#include <base/heap.h>
#include <base/thread.h>
#include <session/cpu.h>
#include <session/parent.h>
#include <session/pd.h>
#include <session/rom.h>
#include <session/trace.h>

/* local */
#include "exhaust.h"

static thread_cap_t  thread;
static rom_cap_t     rom;
static struct session donated;
static struct trace_session trace;

static enum error one_thread(struct env *env)
{
	uint64_t utcb;
	return cpu_thread_create(env->cpu, env->pd, "one", 0, 64, &thread, &utcb);
}

static enum error portal(struct env *env, unsigned n)
{
	object_cap_t cap;
	return pd_portal_create(env->pd, thread, n, &cap);
}

static enum error signal(struct env *env, unsigned n)
{
	signal_cap_t cap;
	return pd_signal_create(env->pd, thread, n, &cap);
}

static enum error attention(struct env *env, unsigned n)
{
	signal_cap_t cap;
	return pd_attention(env->pd, &cap);
}

static enum error refill(struct env *env, unsigned n)
{
	return pd_kernel_refill(env->pd);
}

static enum error threads(struct env *env, unsigned n)
{
	return one_thread(env);
}

/** Each domain is the reference of the next one, and gives it something */
static enum error domain_chain(struct env *env, unsigned n)
{
	static pd_cap_t last;
	static struct pd_session pd[256];
	if (!n)
		last = env->pd;
	if (n >= sizeof pd / sizeof *pd)
		return ERROR_CORRUPT;
	enum error error = pd_open(&pd[n], env, &(struct session_args) {
		.ram = 16 * 1024 });
	if (error)
		return error;
	error = pd_reference(pd[n].cap, last);
	last = pd[n].cap;
	return error;
}

/* -- threads of a component that never starts -- */

static struct pd_session other;

static enum error other_domain(struct env *env)
{
	return pd_open(&other, env, &(struct session_args) {
		.ram = 256 * 1024, .caps = 100 });
}

static enum error foreign_threads(struct env *env, unsigned n)
{
	thread_cap_t cap;
	uint64_t utcb;
	return cpu_thread_create(env->cpu, other.cap, "other", 0, 64, &cap, &utcb);
}

/* -- donations -- */

static enum error open_donated(struct env *env)
{
	enum error const error = session_open(&donated, env, "ROM",
		&(struct session_args) { .label = "exhaust" }, 6 * 1024, 3);
	rom.cap = donated.cap;
	return error;
}

static enum error upgrade_ram(struct env *env, unsigned n)
{
	return session_upgrade(&donated, 4096, 0);
}

static enum error upgrade_caps(struct env *env, unsigned n)
{
	return session_upgrade(&donated, 0, 1);
}

static enum error transfers(struct env *env, unsigned n)
{
	return pd_transfer(env->pd, other.cap, 8192, 1);
}

static enum error referred(struct env *env)
{
	enum error const error = other_domain(env);
	return error ? error : pd_reference(other.cap, env->pd);
}

/* -- traces -- */

enum { TRACED = 12 };

static enum error some_threads(struct env *env)
{
	enum error error = ERROR_OK;
	for (unsigned i = 0; i < TRACED && !error; i++)
		error = one_thread(env);
	return error ? error : trace_open(&trace, env, &(struct session_args) {
		.ram = 192 * 1024, .caps = 20 });
}

static enum error trace_buffer(struct env *env, unsigned n)
{
	char label[144], name[32];
	uint32_t id;
	dataspace_cap_t buffer;
	enum error error;
	do error = trace_next(trace.cap, &id, label, name);
	while (error == ERROR_AGAIN);
	return error ? error
	     : trace_start(trace.cap, id, 1, TRACE_BUFFER_MAX / 2, &buffer);
}

struct resource const object_resources[] = {
	{ "portals",         one_thread,   portal,          END_ACCOUNT },
	{ "signals",         one_thread,   signal,          END_ACCOUNT },
	{ "attention",       NULL,         attention,       END_ACCOUNT },
	{ "refills",         NULL,         refill,          END_ACCOUNT },
	{ "threads",         NULL,         threads,         END_ACCOUNT
	                                                  | ENDS_BY(LIMIT) },
	{ "foreign_threads", other_domain, foreign_threads, END_ACCOUNT
	                                                  | ENDS_BY(LIMIT) },
	{ "domain_chain",    NULL,         domain_chain,    END_ACCOUNT
	                                                  | ENDS_BY(LIMIT) },
	{ "upgrade_ram",     open_donated, upgrade_ram,     END_ACCOUNT },
	{ "upgrade_caps",    open_donated, upgrade_caps,    END_ACCOUNT },
	{ "transfers",       referred,     transfers,       END_ACCOUNT },
	{ "trace_buffers",   some_threads, trace_buffer,    END_DONATION },
};
unsigned const n_object_resources =
	sizeof object_resources / sizeof *object_resources;
