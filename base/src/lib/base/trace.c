/* SPDX-License-Identifier: MIT */
/*
 * Trace events of the running thread
 *
 * Each thread has its own buffer, so that nothing is locked. An event's slot is
 * taken by moving the head and marked complete by its number: whoever reads
 * meanwhile, or a fault of the thread that core records in between, sees what
 * is not finished.
 */

/* public */
#include <util/format.h>
#include <util/string.h>

/* internal */
#include <base/internal/rpc.h>
#include <base/internal/trace.h>

static struct trace_buffer *buffer(void)
{
	uint64_t const word = __atomic_load_n(&sys_utcb()->trace,
	                                      __ATOMIC_RELAXED);
	return (struct trace_buffer *)(word & ~(uint64_t)TRACE_POLICY_BITS);
}

static void complete(struct trace_event *event, uint64_t number)
{
	__atomic_store_n(&event->number, number, __ATOMIC_RELEASE);
}

/** Take the next slot; NULL: tracing ended meanwhile */
static struct trace_event *begin(enum trace_kind kind, uint64_t *number)
{
	struct trace_buffer *const b = buffer();
	uint64_t const slots = b ? b->slots : 0;
	if (!slots)
		return NULL;
	*number = b->head + 1;
	__atomic_store_n(&b->head, *number, __ATOMIC_RELEASE);
	struct trace_event *const event = &b->event[*number % slots];
	complete(event, 0);
	event->time  = __builtin_ia32_rdtsc();
	event->kind  = kind;
	event->error = 0;
	return event;
}

static void record(enum trace_kind kind, uint64_t code, void const *object,
                   struct rpc_message const *m, enum error error)
{
	uint64_t number;
	struct trace_event *const event = begin(kind, &number);
	if (!event)
		return;
	uint32_t const words = m ? m->words : 0;
	event->error   = error;
	event->code    = code;
	event->object  = (uint64_t)object;
	event->words   = words;
	event->caps    = m ? m->caps : 0;
	event->word[0] = words > 0 ? m->word[0] : 0;
	event->word[1] = words > 1 ? m->word[1] : 0;
	complete(event, number);
}

enum error traced_call(cap_t object, struct rpc_message *m, unsigned caps)
{
	uint64_t const opcode = m->tag;
	record(TRACE_CALL, opcode, (void *)object, m, ERROR_OK);
	enum error const error = rpc_call_plainly(object, m, caps);
	record(TRACE_RETURN, opcode, (void *)object, error ? NULL : m, error);
	return error;
}

enum error traced_dispatch(struct rpc_object *object, struct rpc_message *m)
{
	uint64_t const opcode = m->tag;
	record(TRACE_DISPATCH, opcode, object, m, ERROR_OK);
	enum error const error = object->dispatch(object, m);
	record(TRACE_REPLY, opcode, object, m, error);
	return error;
}

void traced_signal(void const *handler, uint64_t count)
{
	record(TRACE_SIGNAL, count, handler, NULL, ERROR_OK);
}

void trace_mark(char const *format, ...)
{
	uint64_t number;
	if (!trace_wanted(TRACE_POLICY_MARK))
		return;
	struct trace_event *const event = begin(TRACE_MARK, &number);
	if (!event)
		return;
	va_list arguments;
	va_start(arguments, format);
	format_print(event->text, sizeof event->text, format, arguments);
	va_end(arguments);
	complete(event, number);
}
