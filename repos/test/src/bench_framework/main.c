/* SPDX-License-Identifier: MIT */
/* Cost of sessions, children and what the base library does */

#include "framework.h"

static struct bench_session bench;

enum error component_construct(struct env *env)
{
	sample_init(env);
	enum error const error = bench_open(&bench, env, NULL);
	return error ? error : bench_base(env, bench.cap, bench_sandbox);
}
