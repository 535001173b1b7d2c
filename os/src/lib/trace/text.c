/* SPDX-License-Identifier: MIT */
/* Trace events in words, with the names of the session headers */

#include <base/rpc_table.h>
#include <os/trace_monitor.h>
#include <util/format.h>
#include <util/string.h>

static struct rpc_operation const *operation(uint64_t opcode)
{
	for (unsigned i = 0; i < n_rpc_interfaces; i++) {
		struct rpc_interface const *const in = &rpc_interfaces[i];
		for (unsigned j = 0; j < in->count; j++)
			if (in->operations[j].opcode == opcode)
				return &in->operations[j];
	}
	return NULL;
}

char const *trace_operation_name(uint64_t opcode)
{
	struct rpc_operation const *const op = operation(opcode);
	return op ? op->name : NULL;
}

uint64_t trace_event_us(struct trace_event const *event)
{
	uint64_t const hz = clock_tsc_hz() ? clock_tsc_hz() : 1;
	return (uint64_t)((unsigned __int128)event->time * 1000000 / hz);
}

struct text { char *at; size_t size; };

/** The name, or the number if no header has it */
static void put_name(struct text *t, struct trace_event const *e)
{
	char number[24];
	char const *const name = trace_operation_name(e->code);
	if (!name)
		format_text(number, sizeof number, "0x%lx", e->code);
	string_append(t->at, t->size, name ? name : number);
}

/** Those of the first arguments that are numbers and were recorded */
static void put_arguments(struct text *t, struct trace_event const *e)
{
	struct rpc_operation const *const op = operation(e->code);
	uint32_t word = 0;
	string_append(t->at, t->size, "(");
	for (unsigned i = 0; op && i < op->count && word < 2; i++) {
		struct rpc_argument const *const a = &op->arguments[i];
		char number[64];
		if (a->out || a->kind == RPC_STRING || a->kind == RPC_CAPABILITY)
			continue;
		format_text(number, sizeof number,
		            a->kind == RPC_SIGNED ? "%s%s: %ld" : "%s%s: %lu",
		            word ? ", " : "", a->name, e->word[word]);
		string_append(t->at, t->size, number);
		word++;
	}
	string_append(t->at, t->size, ")");
}

static void put_result(struct text *t, struct trace_event const *e)
{
	string_append(t->at, t->size, ": ");
	string_append(t->at, t->size, error_text(e->error < N_ERRORS
		? (enum error)e->error : ERROR_CORRUPT));
}

/** What a component wrote may be anything */
static void put_mark(struct text *t, struct trace_event const *e)
{
	char text[TRACE_TEXT + 1];
	memcpy(text, e->text, TRACE_TEXT);
	text[TRACE_TEXT] = 0;
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c >= 127)
			*c = '?';
	string_append(t->at, t->size, text);
}

void trace_event_text(struct trace_event const *e, char *buffer, size_t size)
{
	static char const *const kinds[N_TRACE_KINDS] = {
		[TRACE_CALL] = "call ",      [TRACE_RETURN] = "return ",
		[TRACE_DISPATCH] = "serve ", [TRACE_REPLY] = "reply ",
		[TRACE_MARK] = "mark ",
	};
	struct text t = { buffer, size };
	char const *const kind = e->kind < N_TRACE_KINDS ? kinds[e->kind] : NULL;
	string_copy(buffer, size, kind ? kind : "");
	switch (e->kind) {
	case TRACE_CALL: case TRACE_DISPATCH:
		put_name(&t, e);
		put_arguments(&t, e);
		break;
	case TRACE_RETURN: case TRACE_REPLY:
		put_name(&t, e);
		put_result(&t, e);
		break;
	case TRACE_SIGNAL:
		format_text(buffer, size, "signal, count %lu", e->code);
		break;
	case TRACE_FAULT:
		format_text(buffer, size, "fault %lu, address 0x%lx, at 0x%lx",
		            e->code, e->object, e->word[0]);
		break;
	case TRACE_MARK:
		put_mark(&t, e);
		break;
	default:
		format_text(buffer, size, "event of unknown kind %u", e->kind);
	}
}
