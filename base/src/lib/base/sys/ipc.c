/* SPDX-License-Identifier: MIT */
/*
 * Calls and replies: between struct rpc_message and registers
 *
 * Four words travel in registers, the others and capabilities in the thread's
 * message buffer. Exactly as many as the message has are copied.
 */

/* internal */
#include <base/internal/sys.h>
#include <base/internal/sys_raw.h>

_Static_assert(ABI_REGISTER_WORDS == 4, "as many registers as below");

/** Words and capabilities of 'm' in one word: at most 4 if registers suffice */
static inline uint64_t counts(struct rpc_message const *m)
{
	return m->words | (uint64_t)m->caps << 32;
}

static void fill_buffer(struct rpc_message const *m)
{
	struct rpc_message *const buffer = &sys_utcb()->message;
	for (uint32_t i = ABI_REGISTER_WORDS; i < m->words; i++)
		buffer->word[i] = m->word[i];
	for (uint32_t i = 0; i < m->caps; i++)
		buffer->cap[i] = m->cap[i];
}

static void drain_buffer(struct rpc_message *m)
{
	struct rpc_message const *const buffer = &sys_utcb()->message;
	for (uint32_t i = ABI_REGISTER_WORDS; i < m->words; i++)
		m->word[i] = buffer->word[i];
	for (uint32_t i = 0; i < m->caps; i++)
		m->cap[i] = buffer->cap[i];
}

/** False: malformed */
static inline bool send(struct sys_raw *r, struct rpc_message const *m,
                        unsigned number, unsigned window)
{
	r->dx = number | window << ABI_WINDOW_SHIFT | m->words << ABI_WORDS_SHIFT;
	if (counts(m) > ABI_REGISTER_WORDS) {
		if (m->words > RPC_WORDS || m->caps > RPC_CAPS)
			return false;
		fill_buffer(m);
		r->dx |= m->caps << ABI_CAPS_SHIFT;
	}
	r->si  = m->tag;
	r->ax  = m->word[0];
	r->r8  = m->word[1];
	r->r9  = m->word[2];
	r->r10 = m->word[3];
	return window <= RPC_CAPS;
}

static inline void receive(struct sys_raw const *r, struct rpc_message *m)
{
	uint32_t const both = (uint32_t)r->dx >> ABI_WORDS_SHIFT;
	m->tag     = r->si;
	m->words   = both;
	m->caps    = 0;
	m->word[0] = r->ax;
	m->word[1] = r->r8;
	m->word[2] = r->r9;
	m->word[3] = r->r10;
	if (both > ABI_REGISTER_WORDS) {
		m->words = both & 0xff;
		m->caps  = both >> (ABI_CAPS_SHIFT - ABI_WORDS_SHIFT);
		drain_buffer(m);
	}
}

enum error sys_call(cap_t portal, struct rpc_message *m, unsigned window)
{
	struct sys_raw r = { .di = portal };
	if (!send(&r, m, SYS_CALL, window))
		return ERROR_INVALID;
	sys_raw(&r);
	enum error const error = sys_raw_error(&r);
	if (!error)
		receive(&r, m);
	return error;
}

static inline enum error reply(struct rpc_message *m, unsigned number, bool with_reply,
                        unsigned window, struct sys_event *event)
{
	struct sys_raw r = { .dx = number | window << ABI_WINDOW_SHIFT };
	if (with_reply && !send(&r, m, number, window))
		return ERROR_INVALID;
	sys_raw(&r);
	enum error const error = sys_raw_error(&r);
	if (error)
		return error;

	event->label = r.di;
	if (r.dx & ABI_EVENT_SIGNAL) {
		event->count = r.si;
		return ERROR_OK;
	}
	event->count = 0;
	receive(&r, m);
	return ERROR_OK;
}

enum error sys_reply_wait(struct rpc_message *m, enum sys_reply kind,
                          unsigned window, struct sys_event *event)
{
	if (kind == SYS_REPLY)
		return reply(m, SYS_REPLY_WAIT, true, window, event);
	return reply(m, kind == SYS_REPLY_PARK ? SYS_PARK_WAIT : SYS_WAIT, false,
	             window, event);
}
