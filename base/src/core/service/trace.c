/* SPDX-License-Identifier: MIT */
/**
 * TRACE service: the threads below a label, and tracing of them
 */

/* public */
#include <base/trace.h>
#include <rpc/trace.h>
#include <util/align.h>
#include <util/string.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "clock.h"
#include "component/pd.h"
#include "component/trace.h"
#include "log.h"
#include "work.h"
#include "service/services.h"

struct trace {
	struct core_session session;
	struct avl_tree     traced;
	size_t              length;   /* of the label */
	uint32_t            last;     /* id that trace_next told */
};

static char const whole[] = "init";

static bool visible(struct trace const *trace, char const *label)
{
	return string_starts(label, trace->session.label)
	    && (!label[trace->length]
	     || string_starts(label + trace->length, " -> "));
}

static bool core_visible(struct trace const *trace)
{
	return string_equal(trace->session.label, whole);
}

/** NULL: there is none that may be seen */
static struct thread *find(struct trace const *trace, uint32_t id)
{
	struct thread *const thread = id ? thread_from(id) : NULL;
	return thread && thread->id == id && !thread_dying(thread)
	    && visible(trace, thread->pd->session.label) ? thread : NULL;
}

static uint64_t id_key(struct avl_node const *node)
{
	return container_of_const(node, struct tracing, node)->id;
}

static struct tracing *of_session(struct avl_node *node)
{
	return node ? container_of(node, struct tracing, node) : NULL;
}

static struct tracing *tracing_of(struct trace const *trace, uint32_t id)
{
	return of_session(avl_find(&trace->traced, id, id_key));
}

/* -- subjects -- */

static enum error rewind(struct rpc_object *self)
{
	struct trace *const trace = object_self(self);
	trace->last = 0;
	return ERROR_OK;
}

static enum error next(struct rpc_object *self, uint32_t *id, char label[144],
                       char name[32])
{
	struct trace *const trace = object_self(self);
	if (trace->last < TRACE_CORE_LOG && core_visible(trace)) {
		*id = ++trace->last;
		string_copy(label, CORE_LABEL, "core");
		string_copy(name, 32, *id == TRACE_CORE ? "main" : "log");
		return ERROR_OK;
	}
	while (work_allowed()) {
		struct thread const *const thread = thread_from(trace->last + 1);
		if (!thread)
			return ERROR_NOT_FOUND;
		trace->last = thread->id;
		work_spend(WORK_LABEL);
		if (!visible(trace, thread->pd->session.label))
			continue;
		*id = thread->id;
		string_copy(label, CORE_LABEL, thread->pd->session.label);
		string_copy(name, 32, thread->name);
		return ERROR_OK;
	}
	return work_later();
}

static enum error core_info(uint32_t id, struct trace_info *info)
{
	uint64_t tsc = 0;
	error_ignore(kernel_thread_time(id == TRACE_CORE ? kernel_core_thread()
	                                : log_thread(), &tsc), "0 then");
	*info = (struct trace_info) {
		.priority = KERNEL_PRIORITIES - 1, .time_us = clock_us(tsc),
	};
	return ERROR_OK;
}

static enum error info(struct rpc_object *self, uint32_t id,
                       struct trace_info *result)
{
	struct trace const *const trace = object_self(self);
	if (id && id <= TRACE_CORE_LOG && core_visible(trace))
		return core_info(id, result);
	struct thread const *const thread = find(trace, id);
	uint64_t tsc = 0;
	if (!thread)
		return ERROR_NOT_FOUND;
	error_ignore(kernel_thread_time(thread->kernel, &tsc), "0 then");
	*result = (struct trace_info) {
		.cpu      = thread->cpu_number,
		.priority = thread->priority,
		.policy   = thread->tracing ? thread->tracing->policy : 0,
		.time_us  = clock_us(tsc),
	};
	return ERROR_OK;
}

/* -- buffers -- */

/** False: the work of one handler is done, but more is left */
static bool end(struct trace *trace, struct tracing *tracing)
{
	if (!tracing_close(tracing))
		return false;
	avl_remove(&trace->traced, &tracing->node);
	arena_free(&trace->session.arena, tracing, sizeof *tracing);
	return true;
}

static enum error begin(struct trace *trace, struct thread *thread,
                        uint32_t policy, uint64_t size, struct tracing **result)
{
	struct arena *const arena = &trace->session.arena;
	struct tracing *const tracing = arena_alloc(arena, sizeof *tracing);
	if (!tracing)
		return ERROR_DONATE_RAM;
	tracing->id = thread->id;
	avl_insert_by_key(&trace->traced, &tracing->node, id_key);
	enum error const error = tracing_open(tracing, thread, arena, policy,
	                                      size);
	if (!error)
		*result = tracing;
	else
		while (!end(trace, tracing))
			work_begin();      /* nobody has attached it */
	return error == ERROR_KERNEL_RAM ? ERROR_NO_RAM : donation_error(error);
}

static enum error start(struct rpc_object *self, uint32_t id, uint32_t policy,
                        uint64_t size, dataspace_cap_t *buffer)
{
	struct trace *const trace = object_self(self);
	struct thread *const thread = find(trace, id);
	if (!thread)
		return ERROR_NOT_FOUND;
	if (!size || size > TRACE_BUFFER_MAX || !aligned(size, PAGE_SIZE)
	 || thread->page || policy & ~(uint32_t)TRACE_POLICY_ALL)
		return ERROR_INVALID;

	struct tracing *tracing = tracing_of(trace, id);
	if (tracing && !tracing->thread)
		return ERROR_AGAIN;
	if (tracing) {
		tracing_set_policy(tracing, policy);
	} else if (thread->tracing) {
		return ERROR_CONFLICT;
	} else {
		enum error const error = begin(trace, thread, policy, size,
		                               &tracing);
		if (error)
			return error;
	}
	buffer->cap = tracing->ds.object.rpc.cap;
	return ERROR_OK;
}

static enum error stop(struct rpc_object *self, uint32_t id)
{
	struct trace *const trace = object_self(self);
	struct tracing *const tracing = tracing_of(trace, id);
	if (!tracing)
		return ERROR_NOT_FOUND;
	return end(trace, tracing) ? ERROR_OK : work_later();
}

static struct trace_ops const ops = {
	.rewind = rewind,
	.next   = next,
	.info   = info,
	.start  = start,
	.stop   = stop,
};

static bool destroy(struct core_session *session)
{
	struct trace *const trace = container_of(session, struct trace, session);
	for (struct avl_node *node; (node = avl_first(&trace->traced));)
		if (!work_allowed() || !end(trace, of_session(node)))
			return false;
	return true;
}

static enum error create(struct core_session *session,
                         struct session_request const *request)
{
	container_of(session, struct trace, session)->length =
		strlen(session->label);
	return ERROR_OK;
}

struct core_service const trace_service = {
	.name     = "TRACE",
	.size     = sizeof(struct trace),
	.dispatch = trace_dispatch,
	.ops      = &ops,
	.create   = create,
	.destroy  = destroy,
};
