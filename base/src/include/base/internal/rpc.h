/* SPDX-License-Identifier: MIT */
/**
 * Calls that are not traced, and such as go on
 *
 * Core's operations are short, or done in steps. After a step that is not the
 * last one, the reply is RPC_GO_ON, and brings the next request: the client's stub
 * makes that call. Mostly it is the same one, with the capabilities that it had; or
 * its tag is RPC_GO_ON, too, and its only word tells what to go on with.
 */
#pragma once

#include <base/rpc.h>

/** Behind the words of the request, the reply has its tag and its counts */
enum { RPC_GO_ON = N_ERRORS, RPC_GO_ON_WORDS = 2 };

/** What the reply destroys of a request */
struct rpc_request { uint64_t tag; uint32_t words, caps; };

/** Make the request 'm', but for what 'r' has of it, the reply; false: too long */
static inline bool rpc_go_on(struct rpc_message *m, struct rpc_request const *r)
{
	if (r->words > RPC_WORDS - RPC_GO_ON_WORDS)
		return false;
	m->word[r->words]     = r->tag;
	m->word[r->words + 1] = r->words | (uint64_t)r->caps << 32;
	m->tag   = RPC_GO_ON;
	m->words = r->words + RPC_GO_ON_WORDS;
	m->caps  = 0;
	return true;
}

/**
 * Make the reply 'm' the request again, which had 'caps'; false: it is another reply
 *
 * The server tells what it had, and may lie. Other capabilities than those, which
 * it was given, must not travel: what else stands in 'm' is none of its business.
 */
static inline bool rpc_goes_on(struct rpc_message *m, uint32_t caps)
{
	uint32_t const words = m->words - RPC_GO_ON_WORDS;
	if (m->tag != RPC_GO_ON || words > RPC_WORDS - RPC_GO_ON_WORDS || m->caps)
		return false;
	uint64_t const counts = m->word[words + 1], with = counts >> 32;
	if ((uint32_t)counts != words || (with && with != caps))
		return false;
	m->tag   = m->word[words];
	m->caps  = (uint32_t)with;
	m->words = words;
	return true;
}

enum error rpc_call_plainly(cap_t object, struct rpc_message *m, unsigned caps) MUST_USE;
