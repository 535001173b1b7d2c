/* SPDX-License-Identifier: MIT */
/**
 * Interfaces as data, for fuzzers and trace decoders: 'tool/rpc/rpc --table'
 *
 * Arguments stand in the order of the message: scalars, then strings;
 * capabilities count on their own. Structs are flattened.
 */
#pragma once

#include <base/rpc.h>

enum rpc_kind {
	RPC_UNSIGNED,    /* bound: bits */
	RPC_SIGNED,      /* bound: bits, sign-extended to the word */
	RPC_CHOICE,      /* bound: largest value, from 0 (bool, enum) */
	RPC_STRING,      /* bound: bytes with the NUL */
	RPC_CAPABILITY,  /* bound: 1: may be null, else 0 */
};

struct rpc_argument {
	char const   *name;
	char const   *type;
	enum rpc_kind kind;
	bool          out;
	uint32_t      bound;
};

struct rpc_operation {
	char const                *name;
	uint64_t                   opcode;
	struct rpc_argument const *arguments;
	unsigned                   count;
};

struct rpc_interface {
	char const                 *name;
	char const                 *header;
	struct rpc_operation const *operations;
	unsigned                    count;
	char const                 *service;     /* NULL: none, comes from elsewhere */
	size_t                      ram, caps;   /* least donation of its session */
};

/** All interfaces of the headers that the generator was given */
extern struct rpc_interface const rpc_interfaces[];
extern unsigned const n_rpc_interfaces;
