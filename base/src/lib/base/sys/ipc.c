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

static inline void send(struct sys_raw *r, struct rpc_message const *m,
                        unsigned number, unsigned window)
{
	struct rpc_message *const buffer = &sys_utcb()->message;
	for (uint32_t i = ABI_REGISTER_WORDS; i < m->words; i++)
		buffer->word[i] = m->word[i];
	for (uint32_t i = 0; i < m->caps; i++)
		buffer->cap[i] = m->cap[i];

	r->dx  = number | window << ABI_WINDOW_SHIFT |
	         m->words << ABI_WORDS_SHIFT | m->caps << ABI_CAPS_SHIFT;
	r->si  = m->tag;
	r->ax  = m->word[0];
	r->r8  = m->word[1];
	r->r9  = m->word[2];
	r->r10 = m->word[3];
}

static inline void receive(struct sys_raw const *r, struct rpc_message *m)
{
	struct rpc_message const *const buffer = &sys_utcb()->message;
	m->tag     = r->si;
	m->words   = r->dx >> ABI_WORDS_SHIFT & 0xff;
	m->caps    = r->dx >> ABI_CAPS_SHIFT & 0xff;
	m->word[0] = r->ax;
	m->word[1] = r->r8;
	m->word[2] = r->r9;
	m->word[3] = r->r10;
	for (uint32_t i = ABI_REGISTER_WORDS; i < m->words; i++)
		m->word[i] = buffer->word[i];
	for (uint32_t i = 0; i < m->caps; i++)
		m->cap[i] = buffer->cap[i];
}

static bool malformed(struct rpc_message const *m, unsigned window)
{
	return m->words > RPC_WORDS || m->caps > RPC_CAPS || window > RPC_CAPS;
}

enum error sys_call(cap_t portal, struct rpc_message *m, unsigned window)
{
	if (malformed(m, window))
		return ERROR_INVALID;

	struct sys_raw r = { .di = portal };
	send(&r, m, SYS_CALL, window);
	sys_raw(&r);
	enum error const error = sys_raw_error(&r);
	if (!error)
		receive(&r, m);
	return error;
}

static enum error reply(struct rpc_message *m, unsigned number, bool with_reply,
                        unsigned window, struct sys_event *event)
{
	struct sys_raw r = { .dx = number | window << ABI_WINDOW_SHIFT };
	if (with_reply) {
		if (malformed(m, window))
			return ERROR_INVALID;
		send(&r, m, number, window);
	}
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
	static unsigned char const number[] = {
		[SYS_REPLY_NONE] = SYS_WAIT, [SYS_REPLY] = SYS_REPLY_WAIT,
		[SYS_REPLY_PARK] = SYS_PARK_WAIT };
	return reply(m, number[kind], kind == SYS_REPLY, window, event);
}

enum error sys_reply_poll(struct rpc_message *m, enum sys_reply kind,
                          unsigned window, struct sys_event *event)
{
	static unsigned char const number[] = {
		[SYS_REPLY_NONE] = SYS_POLL, [SYS_REPLY] = SYS_REPLY_POLL,
		[SYS_REPLY_PARK] = SYS_PARK_POLL };
	return reply(m, number[kind], kind == SYS_REPLY, window, event);
}
