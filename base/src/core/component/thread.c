/* SPDX-License-Identifier: MIT */
/** Threads of components */

/* public */
#include <rpc/cpu.h>
#include <util/bits.h>
#include <util/minmax.h>
#include <util/string.h>

/* internal */
#include <base/internal/start.h>
#include <core/kernel.h>

/* local */
#include "clock.h"
#include "entrypoint.h"
#include "component/dataspace.h"
#include "component/pd.h"
#include "component/thread.h"
#include "component/trace.h"
#include "work.h"

/* ids below are for others than components' threads */
enum { FIRST_ID = 16 };

static struct avl_tree threads;      /* all of them, by id */
static uint32_t        last_id;

/* -- RPC -- */

static enum error start(struct rpc_object *self, uint64_t ip, uint64_t sp,
                        uint64_t argument)
{
	return thread_run(object_self(self), ip, sp, argument);
}

static enum error kill(struct rpc_object *self)
{
	return thread_destroy(object_self(self)) ? ERROR_OK : work_later();
}

static enum error pause(struct rpc_object *self)
{
	struct thread *const thread = object_self(self);
	if (thread->page)
		return ERROR_INVALID;
	thread->paused = true;
	return kernel_thread_pause(thread->kernel);
}

static enum error resume(struct rpc_object *self)
{
	struct thread *const thread = object_self(self);
	bool const stopped = thread->stopped;
	if (thread->page)
		return ERROR_INVALID;
	thread->paused = thread->stopped = false;
	enum error const error = kernel_thread_resume(thread->kernel);
	if (error || !stopped)
		return error;
	list_remove(&thread->waiting);
	return kernel_thread_unpark(thread->kernel);
}

/** State of a thread that does not run */
static enum error standing(struct thread const *thread,
                           struct kernel_thread_state *state)
{
	if (thread->page)
		return ERROR_INVALID;
	enum error const error = kernel_thread_state(thread->kernel, state);
	if (error)
		return error;
	return thread->paused || state->state == THREAD_PARKED
	    || state->state == THREAD_STOPPED ? ERROR_OK : ERROR_CONFLICT;
}

static bool settable(struct kernel_thread_state const *state)
{
	return state->state == THREAD_STOPPED || state->state == THREAD_PARKED;
}

static enum error state(struct rpc_object *self, struct thread_state *result)
{
	struct kernel_thread_state s;
	enum error const error = standing(object_self(self), &s);
	if (!error)
		*result = (struct thread_state) {
			.ax = s.ax, .bx = s.bx, .cx = s.cx, .dx = s.dx,
			.si = s.si, .di = s.di, .bp = s.bp, .sp = s.sp,
			.r8 = s.r8, .r9 = s.r9, .r10 = s.r10, .r11 = s.r11,
			.r12 = s.r12, .r13 = s.r13, .r14 = s.r14, .r15 = s.r15,
			.ip = s.ip, .flags = s.flags, .fs = s.fs,
			.trap = s.trap, .error_code = s.error_code,
			.address = s.fault_address, .settable = settable(&s),
		};
	return error;
}

static enum error set_state(struct rpc_object *self, struct thread_state const *s)
{
	struct thread const *const thread = object_self(self);
	struct kernel_thread_state old;
	enum error const error = standing(thread, &old);
	if (error)
		return error;
	struct kernel_thread_state const new = {
		.ax = s->ax, .bx = s->bx, .cx = s->cx, .dx = s->dx,
		.si = s->si, .di = s->di, .bp = s->bp, .sp = s->sp,
		.r8 = s->r8, .r9 = s->r9, .r10 = s->r10, .r11 = s->r11,
		.r12 = s->r12, .r13 = s->r13, .r14 = s->r14, .r15 = s->r15,
		.ip = s->ip, .flags = s->flags, .fs = s->fs,
	};
	return settable(&old) ? kernel_thread_set_state(thread->kernel, &new)
	                      : ERROR_CONFLICT;
}

_Static_assert(sizeof(struct thread_fpu) == KERNEL_FPU_LINE, "a line");

static enum error fpu(struct rpc_object *self, uint32_t offset,
                      struct thread_fpu *line)
{
	struct thread const *const thread = object_self(self);
	struct kernel_thread_state s;
	enum error const error = standing(thread, &s);
	return error ? error : kernel_thread_fpu(thread->kernel, offset, line);
}

static enum error set_fpu(struct rpc_object *self, uint32_t offset,
                          struct thread_fpu const *line)
{
	struct thread *const thread = object_self(self);
	struct kernel_thread_state s;
	enum error error = standing(thread, &s);
	if (error)
		return error;
	if (!settable(&s))
		return ERROR_CONFLICT;
	do error = kernel_thread_set_fpu(thread->kernel, offset, line);
	while (pool_lacks(&thread->pd->pool, &error));
	return error;
}

static enum error exception_handler(struct rpc_object *self, signal_cap_t handler)
{
	struct thread *const thread = object_self(self);
	if (thread->page)
		return ERROR_INVALID;
	return donation_error(signal_keep(&thread->cpu->session.account,
	                                  &thread->handler, handler.cap));
}

static enum error move(struct rpc_object *self, uint32_t cpu_index)
{
	struct thread *const thread = object_self(self);
	if (thread->page || cpu_index >= thread->cpu->cpu_indices)
		return ERROR_INVALID;
	thread->cpu_index = cpu_index;
	return thread_differs(thread) ? thread_follow(thread) : ERROR_OK;
}

static enum error time(struct rpc_object *self, uint64_t *us)
{
	struct thread const *const thread = object_self(self);
	uint64_t tsc = 0;
	enum error const error = kernel_thread_time(thread->kernel, &tsc);
	*us = clock_us(tsc);
	return error;
}

static struct thread_ops const ops = {
	.start  = start,
	.kill   = kill,
	.pause  = pause,
	.resume = resume,
	.move   = move,
	.time   = time,
	.state  = state,
	.set_state = set_state,
	.fpu    = fpu,
	.set_fpu = set_fpu,
	.exception_handler = exception_handler,
};

/* -- life -- */

static uint64_t id_key(struct avl_node const *node)
{
	return container_of_const(node, struct thread, by_id)->id;
}

struct thread *thread_from(uint32_t id)
{
	struct avl_node *const node = avl_at_or_after(&threads, id, id_key);
	return node ? container_of(node, struct thread, by_id) : NULL;
}

static uint64_t cpu_key(struct avl_node const *node)
{
	return container_of_const(node, struct thread, by_cpu)->id;
}

struct thread *thread_behind(struct cpu const *cpu, uint32_t id)
{
	struct avl_node *const node = avl_at_or_after(
		&cpu->threads, (uint64_t)id + 1, cpu_key);
	return node ? container_of(node, struct thread, by_cpu) : NULL;
}

uint32_t thread_newest(struct cpu const *cpu)
{
	struct avl_node *const node = avl_last(&cpu->threads);
	return node ? container_of(node, struct thread, by_cpu)->id : 0;
}

/** The next one that no living thread has */
static uint32_t new_id(void)
{
	struct thread const *other;
	do {
		last_id = last_id < FIRST_ID ? FIRST_ID : last_id + 1;
		other = thread_from(last_id);
	} while (last_id < FIRST_ID || (other && other->id == last_id));
	return last_id;
}

uint64_t thread_utcb(struct thread const *thread)
{
	return LAYOUT_UTCB_BASE + thread->utcb * (uint64_t)PAGE_SIZE;
}

static enum error open_utcb(struct thread *thread)
{
	struct pd *const pd = thread->pd;
	void *const frame = frame_alloc(&pd->session.account, &thread->utcb_phys);
	if (!frame)
		return ERROR_NO_RAM;
	if (thread->page) {
		memset(frame, 0, PAGE_SIZE);
		return dataspace_open_fixed(thread->page, &pd->session.arena,
		                            thread->utcb_phys, PAGE_SIZE, true, 0);
	}
	return pd_map(pd, thread_utcb(thread), thread->utcb_phys, PAGE_SIZE,
	              KERNEL_MAP_WRITE);
}

static void close_utcb(struct thread *thread)
{
	struct pd *const pd = thread->pd;
	if (!thread->utcb_phys)
		return;
	if (!thread->page && pd->pool.pd)
		error_ignore(kernel_unmap(pd->pool.pd, thread_utcb(thread),
		                          PAGE_SIZE), "the domain is alive");
	frames_free(&pd->session.account, thread->utcb_phys, PAGE_SIZE);
}

static enum error open_kernel(struct thread *thread,
                              struct thread_args const *args)
{
	struct kernel_thread_args const k = {
		.cpu         = thread->cpu_number,
		.priority    = thread->priority,
		.utcb        = args->context ? 0 : thread_utcb(thread),
		.utcb_phys   = thread->utcb_phys,
		.pager       = fault_portal,
		.fault_label = (uint64_t)thread | FAULT_LABEL,
		.group       = thread->group,
		.context     = args->context,
	};
	enum error error;
	do error = kernel_thread_create(thread->pd->pool.pd, &k,
	                                &thread->kernel);
	while (pool_lacks(&thread->pd->pool, &error));
	return error;
}

/** Where its session wants it to be now */
static uint32_t number_of_cpu(struct thread const *thread)
{
	struct cpu const *const cpu = thread->cpu;
	return cpu->cpu_first + thread->cpu_index % cpu->cpu_count;
}

static struct thread *allocate(struct cpu *cpu, struct pd *pd,
                               struct thread_args const *args)
{
	struct thread *const thread =
		arena_alloc(&pd->session.arena, sizeof *thread);
	if (!thread)
		return NULL;
	thread->pd   = pd;
	thread->cpu  = cpu;
	if (args->context) {
		thread->page = arena_alloc(&pd->session.arena,
		                           sizeof *thread->page);
		if (!thread->page) {
			arena_free(&pd->session.arena, thread, sizeof *thread);
			return NULL;
		}
	} else {
		thread->utcb = bit_lowest(~pd->utcbs);
		pd->utcbs   |= bit(thread->utcb);
	}
	list_append(&pd->threads, &thread->by_pd);
	string_copy(thread->name, sizeof thread->name, args->name);
	thread->cpu_index = args->cpu_index;
	thread->cpu_number = number_of_cpu(thread);
	thread->wish      = args->priority;
	thread->priority  = min(args->priority, cpu->priority);
	thread->group     = cpu->budget.group;
	thread->id        = new_id();
	avl_insert_by_key(&threads, &thread->by_id, id_key);
	avl_insert_by_key(&cpu->threads, &thread->by_cpu, cpu_key);
	return thread;
}

enum error thread_create(struct cpu *cpu, struct pd *pd,
                         struct thread_args const *args,
                         struct thread **thread)
{
	if (args->cpu_index >= cpu->cpu_indices)
		return ERROR_INVALID;
	if (!args->context && pd->utcbs == bit_mask(LAYOUT_UTCB_MAX))
		return ERROR_LIMIT;
	struct thread *const t = allocate(cpu, pd, args);
	if (!t)
		return ERROR_NO_RAM;

	enum error error = object_open(&t->object, &pd->session.arena,
	                               thread_dispatch, &ops, t);
	if (!error)
		error = open_utcb(t);
	if (!error)
		error = open_kernel(t, args);
	if (!error)
		*thread = t;
	while (error && !thread_destroy(t))
		work_begin();           /* it has not run */
	return error;
}

enum error thread_run(struct thread *thread, uint64_t ip, uint64_t sp,
                      uint64_t argument)
{
	struct kernel_thread_state const state = {
		.ip = ip, .sp = sp, .di = argument,
	};
	if (thread->page)
		return ERROR_INVALID;
	if (thread->started)
		return ERROR_CONFLICT;
	enum error error = kernel_thread_set_state(thread->kernel, &state);
	if (!error)
		error = kernel_thread_start(thread->kernel);
	if (!error)
		thread->started = true;
	return error;
}

bool thread_dying(struct thread const *thread)
{
	struct pool const *const pool = &thread->pd->pool;
	return thread->rest || !pool->pd || pool_dying(pool)
	    || (thread->page && thread->page->closing);
}

bool thread_differs(struct thread const *thread)
{
	if (thread_dying(thread))
		return false;           /* the kernel knows it no more */
	return thread->priority != min(thread->wish, thread->cpu->priority)
	       || thread->group != thread->cpu->budget.group
	       || thread->cpu_number != number_of_cpu(thread);
}

enum error thread_follow(struct thread *thread)
{
	uint32_t const priority = min(thread->wish, thread->cpu->priority);
	uint32_t const group    = thread->cpu->budget.group;
	uint32_t const number   = number_of_cpu(thread);
	enum error const error = kernel_thread_schedule(thread->kernel, number,
	                                                priority, group);
	if (error)
		return error;
	thread->priority   = priority;
	thread->group      = group;
	thread->cpu_number = number;
	return ERROR_OK;
}

void thread_bill(struct thread *thread)
{
	uint64_t tsc;
	if (kernel_thread_time(thread->kernel, &tsc))
		return;                 /* it is gone, and was billed then */
	thread->cpu->time += tsc - thread->billed;
	thread->billed = tsc;
}

/** Nothing of it runs any more; false: not yet */
static bool stop(struct thread *thread)
{
	struct pool *const pool = &thread->pd->pool;
	if (pool_dying(pool))
		return pool_stop(pool);
	if (!thread->kernel || !pool->pd)
		return true;
	if (!thread->rest)
		thread_bill(thread);
	return object_destroy_some(thread->kernel, &thread->rest);
}

bool thread_destroy(struct thread *thread)
{
	struct pd *const pd = thread->pd;
	if (!stop(thread) || (thread->page && !dataspace_close(thread->page)))
		return false;
	object_close(&thread->object);
	if (thread->tracing)
		tracing_detach(thread->tracing);
	close_utcb(thread);
	avl_remove(&threads, &thread->by_id);
	list_remove(&thread->waiting);
	list_remove(&thread->by_pd);
	avl_remove(&thread->cpu->threads, &thread->by_cpu);
	signal_keep_none(&thread->cpu->session.account, &thread->handler);
	if (thread->page)
		arena_free(&pd->session.arena, thread->page, sizeof *thread->page);
	else
		pd->utcbs &= ~bit(thread->utcb);
	arena_free(&pd->session.arena, thread, sizeof *thread);
	pd_replenished(pd);
	return true;
}

struct thread *thread_find(thread_cap_t cap)
{
	return object_find(cap.cap, thread_dispatch);
}
