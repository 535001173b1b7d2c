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
#include <base/message.h>

#define RPC  MUST_USE
#define WIRE
#define IN
#define OUT
#define OPT
/** Bounded string: 'n' bytes with its NUL; longer is the sender's error */
#define STRING(n) char const *

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
