/* SPDX-License-Identifier: MIT */
/**
 * Remote procedure calls: what session headers and generated stubs need
 *
 * A session header holds documented prototypes, marked by the words below.
 * tool/rpc reads them and writes client stubs, the server's operations struct
 * and its dispatch function (doc/rpc.md has the rules).
 */
#pragma once

#include <base/cap.h>
#include <base/error.h>

#define RPC  MUST_USE
#define WIRE
#define IN
#define OUT
#define OPT
/** Bounded string: 'n' bytes with its NUL; longer is the sender's error */
#define STRING(n) char const *

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

/**
 * Send 'm' to 'object' and wait for the reply, which replaces it
 *
 * 'caps' is the number of capabilities that the reply may bring; they belong to
 * the caller (cap_drop). Returns the transport's error, else the reply's tag.
 * GONE: object or server died, before or during the call. INVALID: no object
 * that can be called. DEPTH, WINDOW, NO_RAM (no means to receive), CORRUPT (the
 * reply is not one).
 */
enum error rpc_call(cap_t object, struct rpc_message *m, unsigned caps) MUST_USE;

struct rpc_object;

/**
 * Generated, one an interface: decode 'm', run the operation, encode the reply
 *
 * Returns what becomes the reply's tag. On an error the reply carries nothing.
 * Received capabilities are dropped by the entrypoint after the call, unless
 * the operation took them by cap_keep.
 */
typedef enum error (*rpc_dispatch_t)(struct rpc_object *, struct rpc_message *);

struct entrypoint;

/** Something that can be called; embed it, find the rest by container_of */
struct rpc_object {
	rpc_dispatch_t     dispatch;
	void const        *ops;         /* struct <interface>_ops */
	struct entrypoint *ep;          /* NULL: not yet reachable, or closed */
	cap_t              cap;         /* own name of the object */
	uint64_t           opaque[4];
};
_Static_assert(sizeof(struct rpc_object) == 64, "binary interface");
