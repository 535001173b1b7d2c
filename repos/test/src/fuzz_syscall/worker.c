/* SPDX-License-Identifier: MIT */
/* One thread that calls at random */

#include <util/container_of.h>
#include "fuzz.h"

enum { FLAG_DF = 1 << 10, FLAG_NT = 1 << 14, FLAG_AC = 1 << 18, FLAG_ID = 1 << 21,
       FLAGS = 0x202, FEEDS_A_SECOND = 4000 };

struct worker     workers[WORKERS];
uint32_t          n_workers;
cap_t volatile    names[NAMES];
uint32_t volatile hoarded, hoard_limit;

static uint64_t wild_word(struct random *r)
{
	static uint64_t const words[] = { 0, 1, 0xfff, 0x1000, 0x7fffffffe000,
		0x7ffffffff000, 0x800000000000, 0xffff800000000000,
		0xffffffff80100000, 0x7fffffffffffffff, 1ul << 63, ~0ul };
	uint32_t const n = sizeof words / sizeof *words;
	uint32_t const i = random_below(r, n + 4);
	return i < n ? words[i] : random_word(r) >> random_below(r, 64);
}

/** Any name at all, but for what only its own thread may give back */
static cap_t any_name(struct random *r)
{
	switch (random_below(r, 16)) {
	case 0:  return wild_word(r);
	case 1:  return 1ul << 32 | random_below(r, 256);
	case 2:  return (uint64_t)random_below(r, 8) << 32 | random_below(r, 600);
	case 3:  return names[random_below(r, NAMES)] ^ 1ul << random_below(r, 64);
	default: return names[random_below(r, NAMES)];
	}
}

static cap_t any_portal(struct random *r)
{
	struct worker const *const w = &workers[random_below(r, n_workers)];
	return random_once(r, 4) ? any_name(r) : w->portal[random_below(r, PORTALS)];
}

static cap_t any_signal(struct random *r)
{
	struct worker const *const w = &workers[random_below(r, n_workers)];
	return random_once(r, 6) ? any_name(r) : w->signal[random_below(r, SIGNALS)];
}

static cap_t own_signal(struct worker *w)
{
	return random_once(&w->random, 3)
		? any_signal(&w->random)
		: w->signal[random_below(&w->random, SIGNALS)];
}

/** Number of words, capabilities: mostly legal */
static uint64_t amount(struct random *r, uint32_t limit)
{
	switch (random_below(r, 24)) {
	case 0:  return limit + random_below(r, 256 - limit);
	case 1:  return limit;
	default: return random_below(r, random_below(r, limit) + 1);
	}
}

static uint64_t message(struct worker *w, struct utcb *utcb)
{
	struct random *const r = &w->random;
	uint64_t const caps = random_once(r, 2) ? 0 : amount(r, RPC_CAPS + 1);
	for (unsigned i = 0; i < caps && i < RPC_CAPS; i++)
		utcb->message.cap[i] = random_once(r, 8)
			? any_name(r) : any_portal(r);
	for (unsigned i = 0; i < 8; i++)
		utcb->message.word[random_below(r, RPC_WORDS)] = wild_word(r);
	return amount(r, RPC_CAPS + 1) << ABI_WINDOW_SHIFT
	     | amount(r, RPC_WORDS + 1) << ABI_WORDS_SHIFT
	     | caps << ABI_CAPS_SHIFT;
}

/** Only names that were received, or that are none; counts that spare others */
static void release(struct worker *w, struct fuzz_call *c)
{
	struct random *const r = &w->random;
	if (w->n_ring && !random_once(r, 4)) {
		uint32_t const i = random_below(r, w->n_ring);
		c->di = w->ring[i];
		c->si = 1;
		w->ring[i] = w->ring[--w->n_ring];
	} else if (random_once(r, 2)) {
		c->di = any_name(r);
		c->si = random_once(r, 2) ? 0 : 0xffffffff;
	} else {
		c->di = random_word(r) | 1ul << 48;
		c->si = random_below(r, 3);
	}
}

/** Never those of the library: without its timers, nobody looks after workers */
static void timeout(struct worker *w, struct fuzz_call *c)
{
	struct random *const r = &w->random;
	struct worker const *const other = &workers[random_below(r, n_workers)];
	switch (random_below(r, 16)) {
	case 0:  c->di = other->portal[random_below(r, PORTALS)]; break;
	case 1:  c->di = random_word(r) | 1ul << 48; break;
	default: c->di = other->signal[random_below(r, SIGNALS)]; break;
	}
	switch (random_below(r, 4)) {
	case 0:  c->si = wild_word(r); break;
	case 1:  c->si = ~0ul; break;
	default: c->si = __builtin_ia32_rdtsc() + random_below(r, 1 << 20); break;
	}
}

static uint64_t number(struct random *r)
{
	switch (random_below(r, 32)) {
	case 0:  return N_SYSCALLS + random_below(r, 256 - N_SYSCALLS);
	case 1:
	case 2:  return SYS_PD_CREATE + random_below(r, N_SYSCALLS - SYS_PD_CREATE);
	default:
		return random_once(r, 4) ? (uint64_t)SYS_CALL
		                         : random_below(r, SYS_PD_CREATE);
	}
}

static void choose(struct worker *w, struct utcb *utcb, struct fuzz_call *c)
{
	struct random *const r = &w->random;
	uint64_t const n = number(r);
	*c = (struct fuzz_call) {
		.di = any_name(r), .si = wild_word(r), .ax = wild_word(r),
		.r8 = wild_word(r), .r9 = wild_word(r), .r10 = wild_word(r),
		.flags = FLAGS };
	switch (n) {
	case SYS_CALL:           c->di = any_portal(r); break;
	case SYS_SIGNAL_SUBMIT:  c->di = any_signal(r); break;
	case SYS_SIGNAL_WAIT:    c->di = own_signal(w); break;
	case SYS_SIGNAL_TIMEOUT: timeout(w, c); break;
	case SYS_CAP_RELEASE:    release(w, c); break;
	case SYS_TLS:            c->di = wild_word(r); break;
	default: break;
	}
	c->dx = n | message(w, utcb);
	if (random_once(r, 16))
		c->dx |= random_word(r) << 32;
	if (random_once(r, 8))
		c->flags |= random_word(r)
		          & (FLAG_DF | FLAG_NT | FLAG_AC | FLAG_ID | 0xd5);
	if (random_once(r, 8))
		c->sp = wild_word(r);
}

static void keep(struct worker *w, cap_t name)
{
	if (!name)
		return;
	if (hoarded < hoard_limit) {
		__atomic_add_fetch(&hoarded, 1, __ATOMIC_RELAXED);
		names[random_below(&w->random, NAMES / 4)] = name;
	} else if (w->n_ring < RING) {
		w->ring[w->n_ring++] = name;
	} else {
		raw_simple(SYS_CAP_RELEASE, name, 1);
	}
}

static bool ipc(uint64_t number)
{
	return number <= SYS_REPLY_WAIT || number == SYS_WAIT
	    || number == SYS_PARK_WAIT;
}

/** It answers OK, and no other register changes */
static bool yielded(struct fuzz_call const *before, struct fuzz_call const *after)
{
	return !after->dx && after->di == before->di
	    && after->si == before->si && after->ax == before->ax
	    && after->r8 == before->r8 && after->r9 == before->r9
	    && after->r10 == before->r10;
}

static bool possible(struct fuzz_call const *before, struct fuzz_call const *after)
{
	uint64_t const n     = before->dx & 0xff;
	uint64_t const caps  = after->dx >> ABI_CAPS_SHIFT & 0xff;
	uint64_t const words = after->dx >> ABI_WORDS_SHIFT & 0xff;
	enum error const error = fuzz_error(after);
	if (after->broken || error >= N_ERRORS)
		return false;
	if (n == SYS_YIELD)
		return yielded(before, after);
	return error || !ipc(n) || after->dx & ABI_EVENT_SIGNAL
	    || (caps <= (before->dx >> ABI_WINDOW_SHIFT & 0xff)
	        && words <= RPC_WORDS);
}

void worker_note(struct worker *w, struct utcb const *utcb,
                 struct fuzz_call const *before, struct fuzz_call const *after)
{
	uint64_t const n = before->dx & 0xff;
	enum error const error = fuzz_error(after);
	if (!possible(before, after)) {
		w->strange++;
		w->strange_dx[0] = before->dx;
		w->strange_dx[1] = after->broken ? after->broken : after->dx;
		return;
	}
	w->count[n < N_SYSCALLS ? n : N_SYSCALLS][error]++;
	if (error || !ipc(n) || after->dx & ABI_EVENT_SIGNAL)
		return;
	for (unsigned i = 0; i < (after->dx >> ABI_CAPS_SHIFT & 0xff); i++)
		keep(w, utcb->message.cap[i]);
}

void worker_run(struct thread *thread)
{
	struct worker *const w = container_of(thread, struct worker, thread);
	struct utcb *const utcb = raw_utcb();
	struct fuzz_call before;
	for (;;) {
		choose(w, utcb, &before);
		struct fuzz_call c = before;
		fuzz_call(&c);
		worker_note(w, utcb, &before, &c);
		w->calls++;
	}
}

/** It sleeps in between, so that CPUs that are emulated leave time to others */
static void pause(struct feeder const *f)
{
	raw_simple(SYS_SIGNAL_TIMEOUT, f->wake.cap,
	           __builtin_ia32_rdtsc() + clock_tsc_hz() / FEEDS_A_SECOND);
	signal_wait(f->wake);
}

void feeder_run(struct thread *thread)
{
	struct feeder *const f = container_of(thread, struct feeder, thread);
	struct random r;
	random_seed(&r, f->cpu);
	if (thread_signal(thread->env, &f->wake) != ERROR_OK)
		return;
	for (;;) {
		for (uint32_t i = 0; i < n_workers; i++) {
			struct worker *const w = &workers[i];
			if (w->cpu != f->cpu)
				continue;
			if (w->fed == w->calls)
				raw_simple(SYS_SIGNAL_SUBMIT,
				           w->signal[random_below(&r, SIGNALS)], 0);
			w->fed = w->calls;
		}
		pause(f);
	}
}
