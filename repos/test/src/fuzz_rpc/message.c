/* SPDX-License-Identifier: MIT */
/* Messages: nearly valid ones, from the tables of tool/rpc */

/* public */
#include <util/minmax.h>
#include <util/string.h>

/* local */
#include "fuzz.h"

/** As it travels: bytes with NUL, padded to words */
static char const *put_string(struct rpc_message *m,
                              struct rpc_argument const *a)
{
	static char text[256];
	size_t length;
	if (random_once(&chance, 6)) {
		length = random_below(&chance,
		                      min(a->bound + 2, (uint32_t)sizeof text));
		for (size_t i = 0; i < length; i++)
			text[i] = (char)(random_below(&chance, 255) + 1);
		text[length] = 0;
	} else {
		string_copy(text, sizeof text, text_any(a->name));
		length = strlen(text);
	}
	uint32_t const words = (uint32_t)(length / 8 + 1);
	if (m->words + words <= RPC_WORDS) {
		m->word[m->words + words - 1] = 0;
		memcpy(&m->word[m->words], text, length + 1);
		m->words += words;
	}
	return text;
}

static void put_object(struct call *call, struct kind *kind)
{
	struct rpc_message *const m = &call->message;
	struct object const *const o = object_to_send(kind, call);
	m->cap[m->caps++] = o ? o->cap : 0;
	if (o)
		call->part[call->parts++] = o->born;
}

void message_encode(struct call *call, struct operation *operation,
                    struct object const *callee)
{
	struct rpc_message *const m = &call->message;
	call->operation = operation;
	call->part[0]   = callee->born;
	call->parts     = 1;
	call->session   = NULL;
	m->tag   = operation->rpc->opcode;
	m->words = m->caps = 0;
	for (unsigned i = 0; i < operation->rpc->count; i++) {
		struct rpc_argument const *const a = &operation->rpc->arguments[i];
		struct maker const *const maker = &operation->maker[i];
		if (a->out)
			continue;
		if (a->kind == RPC_CAPABILITY) {
			put_object(call, maker->kind);
		} else if (a->kind == RPC_STRING) {
			char const *const text = put_string(m, a);
			if (string_equal(a->name, "service"))
				call->session = kind_of_service(text);
		} else {
			m->word[m->words++] = scalar_any(a, maker);
		}
	}
}

void message_distort(struct rpc_message *m)
{
	switch (random_below(&chance, 6)) {
	case 0: m->words = random_below(&chance, RPC_WORDS + 1); break;
	case 1: m->caps  = random_below(&chance, RPC_CAPS + 1); break;
	case 2: m->tag  ^= 1ul << random_below(&chance, 64); break;
	case 3: m->tag   = (m->tag & ~0xfffful) | random_below(&chance, 40); break;
	case 4: m->word[random_below(&chance, RPC_WORDS)] ^=
		        1ul << random_below(&chance, 64); break;
	case 5: memset(m->word, 'x', sizeof m->word); m->words = RPC_WORDS; break;
	}
}

/** What a session that the parent opened can be called with */
static struct kind *kind_received(struct call const *call,
                                  struct maker const *maker)
{
	char const *const name = call->operation->rpc->name;
	struct kind *kind = NULL;
	if (string_equal(name, "parent_session"))
		kind = call->session;
	else if (string_equal(name, "parent_session_state"))
		kind = session_kind((uint32_t)call->first);
	return kind ? kind : maker->kind;
}

void message_decode(struct call const *call)
{
	struct rpc_operation const *const rpc = call->operation->rpc;
	struct rpc_message const *const m = &call->message;
	unsigned words = 0, caps = 0;
	for (unsigned i = 0; i < rpc->count; i++) {
		struct rpc_argument const *const a = &rpc->arguments[i];
		struct maker const *const maker = &call->operation->maker[i];
		if (!a->out || a->kind == RPC_STRING)
			continue;
		if (a->kind != RPC_CAPABILITY) {
			if (words < m->words)
				value_note(maker->value, m->word[words++]);
			continue;
		}
		cap_t const cap = caps < m->caps ? m->cap[caps++] : 0;
		if (cap)
			object_add(kind_received(call, maker), cap, false, call);
	}
	if (string_equal(rpc->name, "parent_session") && m->words)
		session_note((uint32_t)m->word[0], call->session);
}
