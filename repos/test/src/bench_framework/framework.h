/* SPDX-License-Identifier: MIT */
#pragma once

#include "bench.h"

/** Base library, core, sessions and a child; then 'done' is called */
enum error bench_base(struct env *env, bench_cap_t bench,
                      void (*done)(struct env *env));

/** Children of a sandbox, as init starts them; ends with the last line */
void bench_sandbox(struct env *env);
