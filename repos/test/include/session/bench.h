/* SPDX-License-Identifier: MIT */
/** Peer of bench_ipc in another address space */
#pragma once

#include <base/session.h>
#include <base/rpc.h>

typedef struct { cap_t cap; } bench_cap_t;

SERVICE(bench, "Bench", 16 * 1024, 6);

/** Typed RPC with two scalars in, one out */
RPC enum error bench_add(bench_cap_t bench, IN uint64_t a, IN uint64_t b,
                         OUT uint64_t *sum);

/** Portal of a bare server loop that answers each call with its own words */
RPC enum error bench_echo(bench_cap_t bench, IN uint32_t cpu, OUT object_cap_t *echo);

/** From now on each 'ping' is answered by 'pong', by a bare loop */
RPC enum error bench_ping(bench_cap_t bench, IN signal_cap_t pong,
                          OUT signal_cap_t *ping);

/** Count a client that has come so far, if 'come'; how often that was done */
RPC enum error bench_arrive(bench_cap_t bench, IN uint32_t come,
                            OUT uint32_t *arrived);
