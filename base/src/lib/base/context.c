/* SPDX-License-Identifier: MIT */
/*
 * Foreign code: its objects, and runs
 */

/* public */
#include <base/context.h>
#include <base/heap.h>
#include <session/cpu.h>

/* internal */
#include <base/internal/resource.h>
#include <base/internal/sys.h>

/** What the PD pays for, it is asked for by its parent, whoever that is */
enum error context_open(struct context *context, struct env *env, pd_cap_t space,
                        char const *name)
{
	void *at;
	*context = (struct context) { .env = env };
	enum error error = cpu_context_create(env->cpu, space, name,
	                                      &context->thread, &context->cap,
	                                      &context->page);
	if (!error)
		error = ram_attach(env, context->page, true, &at);
	if (error)
		context_close(context);
	else
		context->state = at;
	return error;
}

void context_close(struct context *context)
{
	if (!context->env)
		return;
	if (context->thread.cap)
		error_ignore(thread_kill(context->thread), "it is dead then");
	if (context->state)
		ram_detach(context->env, context->state);
	cap_drop(context->page.cap);
	cap_drop(context->cap.cap);
	cap_drop(context->thread.cap);
	*context = (struct context) { 0 };
}

enum error context_run(struct context *context, enum context_reason *reason)
{
	uint64_t number;
	enum error const error = sys_context_run(context->cap.cap, &number);
	*reason = (enum context_reason)number;
	return error;
}

enum error context_poke(struct context *context)
{
	return sys_context_poke(context->cap.cap);
}
