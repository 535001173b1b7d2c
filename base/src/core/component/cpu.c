/* SPDX-License-Identifier: MIT */
/** CPU service */

/* public */
#include <rpc/cpu.h>
#include <util/minmax.h>
#include <util/string.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "clock.h"
#include "component/dataspace.h"
#include "component/pd.h"
#include "component/thread.h"
#include "work.h"

struct cpu *cpu_find(cpu_cap_t cap)
{
	return object_find(cap.cap, cpu_dispatch);
}

static enum error create_thread(struct rpc_object *self, pd_cap_t pd_cap,
                                char const *name, uint32_t cpu_index,
                                uint32_t priority, thread_cap_t *cap,
                                uint64_t *utcb)
{
	struct thread_args const args = {
		.name = name, .cpu_index = cpu_index, .priority = priority };
	struct pd *const pd = pd_find(pd_cap);
	struct thread *thread;
	if (!pd)
		return ERROR_INVALID;
	enum error const error = thread_create(object_self(self), pd, &args,
	                                       &thread);
	if (!error) {
		cap->cap = thread->object.rpc.cap;
		*utcb    = thread_utcb(thread);
	}
	return error;
}

static enum error create_context(struct rpc_object *self, pd_cap_t pd_cap,
                                 char const *name, thread_cap_t *cap,
                                 context_cap_t *context, dataspace_cap_t *page)
{
	struct cpu *const cpu = object_self(self);
	struct thread_args const args = {
		.name = name, .priority = cpu->priority, .context = true };
	struct pd *const pd = pd_find(pd_cap);
	struct thread *thread;
	if (!pd)
		return ERROR_INVALID;
	enum error const error = thread_create(cpu, pd, &args, &thread);
	if (!error) {
		cap->cap     = thread->object.rpc.cap;
		context->cap = thread->kernel;
		page->cap    = thread->page->object.rpc.cap;
	}
	return error;
}

static enum error next_thread(struct rpc_object *self, uint32_t after,
                              uint32_t *id, thread_cap_t *cap, char name[32])
{
	struct thread const *const next =
		thread_behind(object_self(self), after);
	if (!next)
		return ERROR_NOT_FOUND;
	*id      = next->id;
	cap->cap = next->object.rpc.cap;
	memcpy(name, next->name, sizeof next->name);
	return ERROR_OK;
}

static enum error fault_handler(struct rpc_object *self, signal_cap_t handler)
{
	struct cpu *const cpu = object_self(self);
	return donation_error(signal_keep(&cpu->session.account,
	                                  &cpu->handler, handler.cap));
}

static enum error fault(struct rpc_object *self, struct cpu_fault *result,
                        char name[32])
{
	struct cpu *const cpu = object_self(self);
	struct list_node *const node = list_take_first(&cpu->faults);
	if (!node)
		return ERROR_AGAIN;
	struct thread const *const thread =
		container_of(node, struct thread, waiting);
	struct thread_fault const *const f = &thread->fault;
	*result = (struct cpu_fault) {
		.vector = f->vector, .error_code = f->error_code,
		.address = f->address, .ip = f->ip, .sp = f->sp,
	};
	memcpy(name, thread->name, sizeof thread->name);
	return ERROR_OK;
}

static enum error count(struct rpc_object *self, uint32_t *result)
{
	struct cpu const *const cpu = object_self(self);
	*result = cpu->cpu_count;
	return ERROR_OK;
}

/**
 * Each thread that there was when the round began is billed once, by age
 *
 * Who begins in the middle of another's round does not ask again whom that asked.
 */
static enum error time(struct rpc_object *self, uint64_t *us)
{
	struct cpu *const cpu = object_self(self);
	if (!cpu->billed)
		cpu->last = thread_newest(cpu);
	for (struct thread *t; (t = thread_behind(cpu, cpu->billed))
	                       && t->id <= cpu->last;) {
		if (!work_allowed())
			return work_later();
		work_spend(WORK_WAKE);
		thread_bill(t);
		cpu->billed = t->id;
	}
	cpu->billed = 0;
	*us = clock_us(cpu->time);
	return ERROR_OK;
}

static enum error idle(struct rpc_object *self, uint32_t index,
                       uint64_t *total_us, uint64_t *idle_us)
{
	struct cpu const *const cpu = object_self(self);
	uint64_t tsc = 0;
	if (index >= cpu->cpu_count)
		return ERROR_INVALID;
	enum error const error = kernel_idle_time(cpu->cpu_first + index, &tsc);
	*total_us = clock_us(clock_tsc() - kernel_boot_info()->tsc_entry);
	*idle_us  = clock_us(tsc);
	return error;
}

static struct cpu_ops const ops = {
	.thread_create = create_thread,
	.context_create = create_context,
	.thread        = next_thread,
	.fault_handler = fault_handler,
	.fault         = fault,
	.count         = count,
	.time          = time,
	.idle          = idle,
};

static uint32_t limit_of(struct session_request const *request)
{
	uint64_t const priority = hid_uint(request->args, "priority",
	                                   CPU_PRIORITY_DEFAULT);
	return (uint32_t)min(priority, (uint64_t)CPU_PRIORITY_LEVELS - 1);
}

/** Let the threads have what their session says; in parts */
static enum error follow(struct cpu *cpu)
{
	struct thread *t;
	while (cpu->changed && (t = thread_behind(cpu, cpu->told))) {
		if (!work_allowed())
			return ERROR_AGAIN;
		work_spend(WORK_ITEM);
		cpu->told = t->id;
		if (!thread_differs(t))
			continue;
		work_spend(WORK_WAKE);
		enum error const error = thread_follow(t);
		if (error)
			return error;
	}
	cpu->changed = false;
	return ERROR_OK;
}

static enum error change(struct core_session *session,
                         struct session_request const *request)
{
	struct cpu *const cpu = container_of(session, struct cpu, session);
	enum error error = budget_change(cpu, hid_uint(request->args, "quota",
	                                               0));
	if (error)
		return error;
	if (cpu->priority != limit_of(request))
		cpu_changed(cpu);
	cpu->priority = limit_of(request);
	for (struct cpu *c = NULL; !error && (c = budget_next_below(cpu, c));)
		error = follow(c);
	return error;
}

static enum error move(struct core_session *session, uint32_t first,
                       uint32_t count)
{
	struct cpu *const cpu = container_of(session, struct cpu, session);
	if (cpu->cpu_first != first || cpu->cpu_count != count)
		cpu_changed(cpu);
	cpu->cpu_first   = first;
	cpu->cpu_count   = count;
	cpu->cpu_indices = max(cpu->cpu_indices, count);
	return follow(cpu);
}

static enum error create(struct core_session *session,
                         struct session_request const *request)
{
	struct cpu *const cpu = container_of(session, struct cpu, session);
	cpu->cpu_first = request->cpu_first;
	cpu->cpu_count = cpu->cpu_indices = request->cpu_count;
	cpu->priority  = limit_of(request);
	enum error const error =
		budget_open(cpu, hid_uint(request->args, "quota", 0));
	cpu->changed = false;           /* it has no threads */
	return error;
}

/** Sessions below that shared a group with it share the next one above's */
static bool leave_group(struct cpu *cpu)
{
	error_ignore(budget_change(cpu, 0), "init's own is the last one");
	for (struct cpu *c = NULL;
	     cpu->changed && (c = budget_next_below(cpu, c));)
		if (c != cpu && follow(c) == ERROR_AGAIN)
			return false;
	budget_close(cpu);
	return true;
}

static bool destroy(struct core_session *session)
{
	struct cpu *const cpu = container_of(session, struct cpu, session);
	for (struct thread *t; (t = thread_behind(cpu, 0));) {
		uint64_t const begin = clock_tsc();
		if (!work_allowed() || !thread_destroy(t))
			return false;
		work_spend_since(begin);
	}
	if (!leave_group(cpu))
		return false;
	signal_keep_none(&session->account, &cpu->handler);
	return true;
}

struct core_service const cpu_service = {
	.name     = "CPU",
	.size     = sizeof(struct cpu),
	.dispatch = cpu_dispatch,
	.ops      = &ops,
	.create   = create,
	.change   = change,
	.move     = move,
	.destroy  = destroy,
};
