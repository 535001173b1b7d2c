/* SPDX-License-Identifier: MIT */
/**
 * One measurement: minimum, mean and maximum of an operation in TSC ticks
 *
 * Under icount a tick is one guest instruction. What rdtsc and the loop cost is
 * left in. Lines are
 *
 *     bench <name> <min> <mean> <max>      if configured 'exact: yes'
 *     timing <name> <min> <mean> <max>     else: the host's time, no figures
 */
#pragma once

#include <base/component.h>
#include <session/bench.h>

struct sample { uint64_t start, count, sum, min, max; };

static inline void sample_begin(struct sample *s)
{
	s->start = __builtin_ia32_rdtsc();
}

static inline void sample_end(struct sample *s)
{
	uint64_t const ticks = __builtin_ia32_rdtsc() - s->start;
	s->sum += ticks;
	s->min  = s->count && s->min < ticks ? s->min : ticks;
	s->max  = s->max > ticks ? s->max : ticks;
	s->count++;
}

/** Read the configuration; before that, nothing is exact */
void sample_init(struct env *env);
void sample_print(char const *name, struct sample const *s);

/** Run 'operation' 'warm' times, then 'rounds' times measured, and print it */
#define BENCH(name, warm, rounds, operation) do { \
	struct sample sample_ = { 0 }; \
	for (unsigned i_ = 0; i_ < (warm); i_++) { operation; } \
	for (unsigned i_ = 0; i_ < (rounds); i_++) { \
		sample_begin(&sample_); \
		operation; \
		sample_end(&sample_); \
	} \
	sample_print(name, &sample_); \
} while (0)

/** Kernel: system calls, IPC, signals */
enum error bench_kernel(struct env *env, bench_cap_t bench) MUST_USE;

/** Calls of 'portal' with so many words each way */
enum error bench_words(cap_t portal, char const *name, unsigned words) MUST_USE;

/** Servers that are busy, that call servers, and on another CPU */
enum error bench_servers(struct env *env, bench_cap_t bench) MUST_USE;

/** Foreign code */
enum error bench_foreign(struct env *env) MUST_USE;

/** Faults in a managed dataspace */
enum error bench_managed(struct env *env) MUST_USE;
