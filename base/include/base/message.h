/* SPDX-License-Identifier: MIT */
/**
 * Messages of remote procedure calls
 */
#pragma once

#include <base/cap.h>

enum { RPC_WORDS = 64, RPC_CAPS = 4 };

/**
 * One message, as stubs and dispatchers see it
 *
 * Only the first 'words' and 'caps' entries mean anything; the rest is never
 * initialised, copied or sent. Binary interface of all kernels.
 */
struct rpc_message {
	uint64_t tag;              /* request: opcode; reply: enum error */
	uint32_t words;
	uint32_t caps;
	uint64_t word[RPC_WORDS];
	cap_t    cap[RPC_CAPS];    /* 0: a null capability */
};
_Static_assert(sizeof(struct rpc_message) == 560, "binary interface");
