/* SPDX-License-Identifier: MIT */
/*
 * Trade with the parent
 *
 * One thread asks at a time, since the parent knows one signal for the answer.
 */

/* public */
#include <base/thread.h>
#include <session/parent.h>

/* internal */
#include <base/internal/base_state.h>
#include <base/internal/resource.h>
#include <base/internal/thread_self.h>

/* Asked for beyond what is missing: core's bookkeeping, names, page tables */
enum { MORE_RAM = 16 * 1024, MORE_CAPS = 2 };

static enum resource_mode mode = RESOURCE_WAIT;
static struct yield_handler *yield_handler;
static struct mutex mutex;

enum resource_mode resource_ask(struct env *env, enum resource_mode next)
{
	enum resource_mode const former = mode;
	mode = next;
	return former;
}

static enum error ask(struct env *env, size_t ram, size_t caps, bool wait)
{
	signal_cap_t const none  = { 0 };
	signal_cap_t const token = thread_self()->token;
	enum error const error = parent_resource_request(
		env->parent, ram, caps, wait ? token : none);
	if (error != ERROR_AGAIN || !wait)
		return error;
	signal_wait(token);     /* a signal too early makes the caller ask again */
	return ERROR_OK;
}

static bool granted(struct env *env, enum error error, size_t ram, size_t caps,
                    bool wait)
{
	bool const poor = error == ERROR_NO_RAM || error == ERROR_NO_CAPS;
	if (!poor || mode == RESOURCE_NEVER)
		return false;
	mutex_lock(&mutex);
	enum error const answer = ask(env,
		error == ERROR_NO_RAM  ? ram + MORE_RAM : 0,
		error == ERROR_NO_CAPS ? caps + MORE_CAPS : 0,
		wait && mode == RESOURCE_WAIT);
	mutex_unlock(&mutex);
	return !answer;
}

bool resource_granted(struct env *env, enum error error, size_t ram,
                      size_t caps)
{
	return granted(env, error, ram, caps, true);
}

bool resource_granted_at_once(struct env *env, enum error error, size_t ram,
                              size_t caps)
{
	return granted(env, error, ram, caps, false);
}

enum error resource_request(struct env *env, size_t ram, size_t caps)
{
	if (ram && !granted(env, ERROR_NO_RAM, ram, 0, true))
		return ERROR_NO_RAM;
	if (caps && !granted(env, ERROR_NO_CAPS, 0, caps, true))
		return ERROR_NO_CAPS;
	return ERROR_OK;
}

void yield_handler_set(struct env *env, struct yield_handler *handler)
{
	yield_handler = handler;
}

void resource_attention(struct env *env)
{
	uint64_t ram = 0, caps = 0;
	enum error const error = parent_attention(env->parent, &ram, &caps);
	if (error || (!ram && !caps))
		return;
	heap_trim(env->heap);
	if (yield_handler)
		yield_handler->yield(yield_handler, ram, caps);
	error_ignore(parent_yield_response(env->parent), "no parent, no wish");
}
