/* SPDX-License-Identifier: MIT */
/* Cost of the basic operations; doc/performance.md explains the figures */

#include "bench.h"

static struct bench_session bench;

enum error component_construct(struct env *env)
{
	sample_init(env);
	enum error error = bench_open(&bench, env, NULL);
	if (!error) error = bench_kernel(env, bench.cap);
	if (!error) error = bench_servers(env, bench.cap);
	if (!error) error = bench_foreign(env);
	if (!error) error = bench_managed(env);
	if (error)
		return error;
	log_info("--- bench finished ---");
	component_exit(env, ERROR_OK);
	return ERROR_OK;
}
