/* SPDX-License-Identifier: MIT */
/**
 * Calls that are not traced, and such as go on
 *
 * Core's operations are short, or done in steps. After a step that is not the
 * last one, the reply is RPC_GO_ON, and the same call is to be made again: the
 * client's stub sees to it. The reply brings back of the request what it replaces,
 * which is all but capabilities; so this is for requests of few words.
 */
#pragma once

#include <base/rpc.h>

enum { RPC_GO_ON = N_ERRORS, RPC_GO_ON_WORDS = 4 };

/** Words of such a reply: those of the request, then */
enum rpc_go_on_word { RPC_GO_ON_TAG = RPC_GO_ON_WORDS, RPC_GO_ON_COUNTS,
                      RPC_GO_ON_END };

/** What the reply destroys of a request */
struct rpc_request { uint64_t tag; uint32_t words, caps; };

/** Make the request 'm', but for what 'r' has of it, the reply; false: too long */
static inline bool rpc_go_on(struct rpc_message *m, struct rpc_request const *r)
{
	if (r->words > RPC_GO_ON_WORDS)
		return false;
	m->word[RPC_GO_ON_TAG]    = r->tag;
	m->word[RPC_GO_ON_COUNTS] = r->words | (uint64_t)r->caps << 32;
	m->tag   = RPC_GO_ON;
	m->words = RPC_GO_ON_END;
	m->caps  = 0;
	return true;
}

/** Make the reply 'm' the request again; false: it is another reply */
static inline bool rpc_goes_on(struct rpc_message *m)
{
	if (m->tag != RPC_GO_ON || m->words != RPC_GO_ON_END || m->caps)
		return false;
	m->tag   = m->word[RPC_GO_ON_TAG];
	m->words = (uint32_t)m->word[RPC_GO_ON_COUNTS];
	m->caps  = (uint32_t)(m->word[RPC_GO_ON_COUNTS] >> 32);
	return true;
}

enum error rpc_call_plainly(cap_t object, struct rpc_message *m, unsigned caps) MUST_USE;
