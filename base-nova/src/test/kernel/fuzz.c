/* SPDX-License-Identifier: MIT */
/*
 * Random and near-valid system calls by several threads of a domain on each
 * CPU, which is then destroyed. The kernel must survive, and core's account be
 * as before
 */

/* Internal */
#include <base/internal/sys_raw.h>

/* Local */
#include "lab.h"
#include "tests.h"

enum { DOMAINS = 6, THREADS = 8, NAMES = 8 };


static uint64_t next(struct shared *s)
{
	uint64_t x = s->value[0];
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return s->value[0] = x;
}


/** A name, mostly a good one, or any word */
static uint64_t word(struct shared *s)
{
	uint64_t const r = next(s);
	switch (r & 15) {
	case 0:  return next(s);
	case 1:  return 0;
	case 2:  return s->cap[r >> 8 & 7] + (1UL << 32);
	case 3:  return s->cap[r >> 8 & 7] + 1;
	case 4:  return r >> 8 & 0xff;
	case 5:  return 0xffff800000000000UL + (r & 0xffffff);
	case 6:  return tsc() + (r >> 8 & 0xffff);
	default: return s->cap[r >> 8 & 7];
	}
}


/** value[1 + error] counts outcomes */
static void attack(struct shared *s)
{
	for (;;) {
		uint64_t const r = next(s);
		uint64_t number = r & 31;
		if (!(r & 0xf00))
			number = r >> 16 & 0xff;
		if ((number == SYS_WAIT || number == SYS_SIGNAL_WAIT) && r & 0xf000)
			number = SYS_YIELD; /* who waits does no harm */
		if (number == SYS_TLS)
			continue;       /* without it, there is no message buffer */
		for (unsigned i = 0; i < RPC_CAPS; i++)
			sys_utcb()->message.cap[i] = word(s);

		uint64_t const window = r >> 20 & 7, words = r >> 24 & 127,
		               caps   = r >> 32 & 7;
		struct sys_raw raw = {
			.dx = number | window << ABI_WINDOW_SHIFT
			    | words << ABI_WORDS_SHIFT
			    | (caps < 5 ? caps : 0) << ABI_CAPS_SHIFT,
			.di = word(s), .si = word(s), .ax = word(s),
			.r8 = word(s), .r9 = word(s), .r10 = word(s) };
		if (number == SYS_SIGNAL_WAIT && !raw.di)
			continue;       /* halts */
		sys_raw(&raw);
		s->value[1 + (raw.dx & 31)]++;
	}
}


static void attack_from(uint64_t seed, uint64_t outcomes[32])
{
	struct domain const d = domain_new();
	struct worker w[THREADS];
	cap_t name[NAMES];
	uint32_t const n_cpus = kernel_boot_info()->n_cpus;
	for (unsigned i = 0; i < THREADS; i++)
		w[i] = worker_new(d, &(struct worker_args) {
			.cpu = i % n_cpus, .priority = 10 + i % 3, .run = attack });
	for (unsigned i = 0; i < NAMES; i++) {
		struct worker const *const to = &w[(seed + i) % THREADS];
		name[i] = delegate(d, i < 4 ? portal_new(d, to, i)
		                    : i < 7 ? signal_new(d, to, i) : to->thread);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		for (unsigned n = 0; n < NAMES; n++)
			w[i].shared->cap[n] = name[n];
		w[i].shared->value[0] = seed * THREADS + i + 1;
		worker_start(&w[i]);
	}
	nap(20000);
	check(!kernel_destroy(d.pd), "destroy the attacker");
	for (unsigned i = 0; i < THREADS; i++) {
		for (unsigned n = 0; n < 31; n++)
			outcomes[n] += w[i].shared->value[1 + n];
		worker_destroy(&w[i]);
	}
}


void fuzz(void)
{
	struct kernel_pd_info before, after;
	uint64_t outcomes[32] = { 0 };
	check(!kernel_pd_info(kernel_core_pd(), &before), "pd_info");
	for (unsigned i = 0; i < DOMAINS; i++)
		attack_from(i + 1, outcomes);
	check(!kernel_pd_info(kernel_core_pd(), &after), "pd_info");
	check(before.objects == after.objects && before.caps == after.caps
	   && before.frames == after.frames, "attacks leave nothing behind");
	for (unsigned n = 0; n < N_ERRORS; n++)
		if (outcomes[n])
			print("outcome %u: %lu", n, outcomes[n]);
}
