/* SPDX-License-Identifier: MIT */
/*
 * FPU, SSE and AVX registers of a thread that stands still: read where its CPU
 * left them, set, and nobody else's; any bytes may be written
 */

/* public */
#include <util/string.h>

/* local */
#include "subject.h"

extern char const fpu_load[], fpu_store[], fpu_break[], code_nops[];

/* FXSAVE's image (SDM 1, table 10-2), XSAVE's header (13.4.2), YMM (13.5.3) */
enum { FXSAVE_SIZE = 512, FX_CONTROL = 0, FX_TAG = 4, FX_MXCSR = 24, FX_MASK = 28,
       FX_STACK = 32, FX_XMM = 160, FX_END = 416,
       HEADER = 512, HEADER_COMPACT = 8, YMM = 576, YMM_END = 832, LINE = 64 };
enum { STATE_YMM = 4, FRESH_CONTROL = 0x37f, FRESH_MXCSR = 0x1f80,
       MXCSR_DEFAULT_MASK = 0xffbf, MXCSR_DAZ = 0x40 };

/** What code.S loads and stores */
struct image {
	uint8_t  fx[FXSAVE_SIZE];
	uint8_t  high[YMM_END - YMM];
	uint64_t wide;
	uint64_t volatile done;
	uint64_t store;             /* address */
} __attribute__((aligned(64)));

void fpu_fill(struct image const *image);

static struct image given, found, other;

/** Bytes of a state in XSAVE's standard format, as a debugger has them */
struct state { uint8_t byte[YMM_END]; };

/** Components that the kernel has enabled (SDM 1, 13.3); without XSAVE none */
static uint32_t components(void)
{
	enum { OSXSAVE = 1 << 27 };
	uint32_t a = 1, b, c = 0, d;
	__asm__ volatile ("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (~c & OSXSAVE)
		return 0;
	__asm__ volatile ("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	return a;
}

static bool wide(void) { return components() & STATE_YMM; }

static uint32_t end_of_state(void)
{
	uint32_t a = 0xd, b, c = 0, d;
	if (!components())
		return FXSAVE_SIZE;
	__asm__ volatile ("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b;
}

static uint32_t word_at(void const *bytes)
{
	uint32_t word;
	memcpy(&word, bytes, sizeof word);
	return word;
}

static void read_range(thread_cap_t thread, struct state *s, uint32_t from,
                       uint32_t end)
{
	for (uint32_t at = from; at < end; at += LINE) {
		struct thread_fpu line;
		check_ok(thread_fpu(thread, at, &line));
		memcpy(s->byte + at, &line, LINE);
	}
}

static void read_all(thread_cap_t thread, struct state *s)
{
	memset(s, 0, sizeof *s);
	read_range(thread, s, 0, wide() ? YMM_END : FXSAVE_SIZE);
}

static void write_all(thread_cap_t thread, struct state const *s)
{
	uint32_t const end = wide() ? YMM_END : FXSAVE_SIZE;
	for (uint32_t at = 0; at < end; at += LINE) {
		struct thread_fpu line;
		memcpy(&line, s->byte + at, LINE);
		check_ok(thread_set_fpu(thread, at, &line));
	}
}

static void image_state(struct image const *image, struct state *s)
{
	memset(s, 0, sizeof *s);
	memcpy(s->byte, image->fx, FXSAVE_SIZE);
	memcpy(s->byte + YMM, image->high, sizeof image->high);
}

/** Random numbers; the x87 stack is full, its first register is on top */
static void fill(struct image *image, uint64_t seed)
{
	memset(image, 0, sizeof *image);
	for (unsigned i = FX_STACK; i < FX_END; i++)
		image->fx[i] = (uint8_t)test_random(&seed);
	for (unsigned i = 0; i < sizeof image->high; i++)
		image->high[i] = (uint8_t)test_random(&seed);
	for (unsigned i = 0; i < 8; i++)    /* 80 bits each */
		memset(image->fx + FX_STACK + 16 * i + 10, 0, 6);
	uint16_t const control = (uint16_t)(FRESH_CONTROL | (seed & 3) << 10);
	uint32_t const mxcsr   = FRESH_MXCSR | (uint32_t)(seed >> 2 & 3) << 13;
	memcpy(image->fx + FX_CONTROL, &control, sizeof control);
	memcpy(image->fx + FX_MXCSR, &mxcsr, sizeof mxcsr);
	image->fx[FX_TAG] = 0xff;
	image->wide = wide();
}

static void expect(uint8_t const *got, uint8_t const *wanted, uint32_t from,
                   uint32_t end, char const *where)
{
	for (uint32_t i = from; i < end; i++)
		check(got[i] == wanted[i], "%s: byte %u is %x instead of %x", where,
		      i, got[i], wanted[i]);
}

/** All but the last instruction's addresses, which processors treat variously */
static void expect_state(struct state const *got, struct state const *wanted,
                         char const *where)
{
	expect(got->byte, wanted->byte, FX_CONTROL, FX_TAG + 2, where);
	expect(got->byte, wanted->byte, FX_MXCSR, FX_MASK, where);
	expect(got->byte, wanted->byte, FX_STACK, FX_END, where);
	if (wide())
		expect(got->byte, wanted->byte, YMM, YMM_END, where);
}

static void expect_image(struct state const *got, struct image const *wanted,
                         char const *where)
{
	struct state s;
	image_state(wanted, &s);
	expect_state(got, &s, where);
}

static void expect_fresh(thread_cap_t thread, char const *where)
{
	struct image none = { .fx = { FRESH_CONTROL & 0xff, FRESH_CONTROL >> 8 } };
	uint32_t const mxcsr = FRESH_MXCSR;
	struct state s;
	memcpy(none.fx + FX_MXCSR, &mxcsr, sizeof mxcsr);
	read_all(thread, &s);
	expect_image(&s, &none, where);
}

/** It computes with 'given' from now on */
static void load(struct subject *x, uint32_t cpu, uint64_t seed)
{
	fill(&given, seed);
	subject_start(x, cpu, fpu_load, address(&given));
	wait_for(given.done, "does not load");
}

/** It goes on by storing its registers; they are these */
static void expect_stored(struct subject *x, struct image const *wanted,
                          char const *where)
{
	struct thread_state s = subject_state(x);
	struct state got;
	memset(&found, 0, sizeof found);
	found.wide = wide();
	s.ip = address(fpu_store);
	s.di = address(&found);
	check_ok(thread_set_state(x->cap, &s));
	check_ok(thread_resume(x->cap));
	wait_for(found.done, "does not store");
	image_state(&found, &got);
	expect_image(&got, wanted, where);
}

/* -- steps -- */

/** They are live in a CPU, be it this one's or another one's */
void fpu_read(void)
{
	struct subject *const x = &subjects[0];
	struct state s;
	for (uint32_t i = 0; i < 8; i++) {
		load(x, i, 1000 + i);
		check_ok(thread_pause(x->cap));
		read_all(x->cap, &s);
		expect_image(&s, &given, "read");
		expect_stored(x, &given, "afterwards");
		subject_end(x);
	}
}

void fpu_write(void)
{
	struct subject *const x = &subjects[0];
	struct state s, back;
	for (uint32_t i = 0; i < 8; i++) {
		load(x, i, 2000 + i);
		check_ok(thread_pause(x->cap));
		fill(&other, 3000 + i);
		image_state(&other, &s);
		write_all(x->cap, &s);
		read_all(x->cap, &back);
		expect_state(&back, &s, "read back");
		expect_stored(x, &other, "set");
		subject_end(x);
	}
}

/** It is not paused, but stopped by an exception; its CPU may be idle */
void fpu_exceptions(void)
{
	struct subject *const x = &subjects[0];
	struct state s;
	for (uint32_t i = 0; i < 8; i++) {
		fill(&given, 4000 + i);
		given.store = address(&found);
		memset(&found, 0, sizeof found);
		found.wide = wide();
		subject_start(x, i, fpu_break, address(&given));
		subject_stopped(x, BREAKPOINT);
		read_all(x->cap, &s);
		expect_image(&s, &given, "at a breakpoint");
		fill(&other, 5000 + i);
		image_state(&other, &s);
		if (i % 2)
			write_all(x->cap, &s);
		check_ok(thread_resume(x->cap));
		wait_for(found.done, "does not go on");
		image_state(&found, &s);
		expect_image(&s, i % 2 ? &other : &given, "after a breakpoint");
		subject_end(x);
	}
}

/** Initial values, which cost nothing; set before the first use, and the start */
void fpu_new(void)
{
	struct subject *const x = &subjects[0];
	struct state s;
	for (uint32_t i = 0; i < 4; i++) {
		fill(&other, 6000 + i);
		image_state(&other, &s);
		if (i % 2)
			subject_create(x, own_cpu.cap, i);
		else {
			subject_start(x, i, code_nops, 0);
			subject_hold(x);
		}
		struct pd_account const before = test_account();
		expect_fresh(x->cap, "never used");
		struct pd_account const after = test_account();
		check(before.ram_used == after.ram_used, "reading costs RAM");
		write_all(x->cap, &s);
		read_all(x->cap, &s);
		expect_image(&s, &other, "set before its use");
		if (i % 2)
			check_ok(thread_start(x->cap, address(code_nops),
			                      address(x->stack + 64), 0));
		subject_hold(x);
		expect_stored(x, &other, "first use");
		subject_end(x);
	}
}

/** One component is set, all others keep their initial values */
static void set_one(uint32_t at, uint8_t value)
{
	struct subject *const x = &subjects[0];
	struct image wanted = { .fx = { FRESH_CONTROL & 0xff, FRESH_CONTROL >> 8 } };
	uint32_t const mxcsr = FRESH_MXCSR;
	struct thread_fpu line;
	memcpy(wanted.fx + FX_MXCSR, &mxcsr, sizeof mxcsr);
	if (at < FXSAVE_SIZE)
		memset(wanted.fx + at, value, LINE);
	else
		memset(wanted.high + (at - YMM), value, LINE);
	memset(&line, value, LINE);
	subject_start(x, 1, code_nops, 0);
	subject_hold(x);
	check_ok(thread_set_fpu(x->cap, at, &line));
	expect_stored(x, &wanted, "one line set");
	subject_end(x);
}

/** What there is, is there; nothing is beyond it, or between two lines */
void fpu_ends(void)
{
	uint32_t const end = end_of_state();
	uint32_t const wrong[] = { 1, 8, LINE - 1, LINE + 16, end - 1, end, end + LINE,
		4096, 4096 + LINE, 1u << 31, ~0u, ~0u - LINE + 1 };
	struct subject *const x = &subjects[0];
	struct thread_fpu line;
	load(x, 1, 7000);
	check_ok(thread_pause(x->cap));
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		check_error(thread_fpu(x->cap, wrong[i], &line), ERROR_INVALID);
		check_error(thread_set_fpu(x->cap, wrong[i], &line), ERROR_INVALID);
	}
	for (uint32_t at = 0; at < end; at += LINE) {
		check_ok(thread_fpu(x->cap, at, &line));
		check_ok(thread_set_fpu(x->cap, at, &line));
	}
	expect_stored(x, &given, "afterwards");
	subject_end(x);
	set_one(FX_XMM + 32, 0x5a);
	if (wide())
		set_one(YMM + LINE, 0xa5);
}

/** Not while it runs, nor when it is no more */
void fpu_refused(void)
{
	struct subject *const x = &subjects[0];
	struct thread_fpu line;
	memset(&line, 0xff, sizeof line);
	for (uint32_t i = 0; i < 2; i++) {
		load(x, i, 8000);
		check_error(thread_fpu(x->cap, FX_XMM + 32, &line), ERROR_CONFLICT);
		check_error(thread_set_fpu(x->cap, FX_XMM + 32, &line),
		            ERROR_CONFLICT);
		check_ok(thread_pause(x->cap));
		check_ok(thread_resume(x->cap));
		check_error(thread_fpu(x->cap, 0, &line), ERROR_CONFLICT);
		check_error(thread_set_fpu(x->cap, 0, &line), ERROR_CONFLICT);
		check_ok(thread_pause(x->cap));
		expect_stored(x, &given, "refused");
		subject_end(x);
		check_error(thread_fpu(x->cap, 0, &line), ERROR_GONE);
		check_error(thread_set_fpu(x->cap, 0, &line), ERROR_GONE);
	}
}

static signal_cap_t wanted;

static void load_and_wait(struct worker *worker)
{
	check_ok(thread_signal(test_env, &wanted));
	fpu_fill(&given);
	worker->count = signal_wait(wanted);
}

/** It waits, maybe on an idle CPU, and can be read, but not set */
void fpu_in_call(void)
{
	struct worker workers[2];
	struct thread_state general;
	struct thread_fpu line;
	struct state s;
	for (uint32_t i = 0; i < 2; i++) {
		struct worker *const waiter = &workers[i];
		uint32_t const cpu = i % test_cpus;
		fill(&given, 9000 + i);
		workers_open(waiter, 1, 0, load_and_wait);
		check_ok(thread_move(waiter->thread.cap, cpu));
		wait_for(given.done, "does not run");
		wait_for(paused_in_call(waiter->thread.cap, &general),
		         "does not wait");
		read_all(waiter->thread.cap, &s);
		expect_image(&s, &given, "in a call");
		memset(&line, 0, sizeof line);
		check_error(thread_set_fpu(waiter->thread.cap, FX_XMM + 32, &line),
		            ERROR_CONFLICT);
		check_ok(signal_submit(wanted));
		check_ok(thread_resume(waiter->thread.cap));
		workers_join(waiter, 1);
		thread_signal_close(test_env, &wanted);
	}
}

/** The header is the kernel's, before and after */
static void expect_header(thread_cap_t thread)
{
	struct state s;
	if (!components())
		return;
	read_range(thread, &s, HEADER, HEADER + LINE);
	check(!(word_at(s.byte + HEADER) & ~components()), "components %x",
	      word_at(s.byte + HEADER));
	for (unsigned i = 4; i < LINE; i++)
		check(!s.byte[HEADER + i], "header's byte %u is %x", i,
		      s.byte[HEADER + i]);
}

/** What MXCSR becomes that gets these bits */
static uint32_t allowed(uint32_t mxcsr)
{
	uint32_t const mask = word_at(found.fx + FX_MASK);
	return mxcsr & (mask ? mask : MXCSR_DEFAULT_MASK);
}

static void write_bytes(struct subject *x, struct state *s)
{
	uint32_t const end = end_of_state();
	struct thread_fpu line;
	write_all(x->cap, s);
	for (uint32_t at = HEADER; at < end; at += LINE) {
		memcpy(&line, s->byte + (at < YMM_END ? at : HEADER), LINE);
		check_ok(thread_set_fpu(x->cap, at, &line));
	}
	expect_header(x->cap);
}

/** Any bytes: it goes on with what is possible of them, and can be read again */
static void hostile(struct state *s, uint32_t cpu)
{
	struct subject *const x = &subjects[0];
	struct image image;
	load(x, cpu, 10000);
	check_ok(thread_pause(x->cap));
	write_bytes(x, s);
	struct thread_state general = subject_state(x);
	memset(&found, 0, sizeof found);
	found.wide   = wide();
	general.ip   = address(fpu_store);
	general.di   = address(&found);
	check_ok(thread_set_state(x->cap, &general));
	check_ok(thread_resume(x->cap));
	wait_for(found.done, "does not go on");
	check(word_at(found.fx + FX_MXCSR) == allowed(word_at(s->byte + FX_MXCSR)),
	      "MXCSR %x became %x", word_at(s->byte + FX_MXCSR),
	      word_at(found.fx + FX_MXCSR));
	expect(found.fx, s->byte, FX_XMM, FX_END, "hostile");
	if (wide())
		expect(found.high, s->byte + YMM, 0, sizeof found.high, "hostile");
	check_ok(thread_pause(x->cap));
	expect_header(x->cap);

	/* MXCSR as it was read, DAZ included, can be set again */
	image = found;
	read_all(x->cap, s);
	write_all(x->cap, s);
	expect_stored(x, &image, "once more");
	subject_end(x);
}

void fpu_hostile(void)
{
	static uint8_t const bytes[] = { 0xff, 0, 0x80, 0x7f, 0x55, MXCSR_DAZ };
	uint64_t seed = 11;
	struct state s;
	for (uint32_t i = 0; i < sizeof bytes; i++) {
		memset(&s, bytes[i], sizeof s);
		hostile(&s, i);
	}
	for (uint32_t i = 0; i < test_rounds(50); i++) {
		for (unsigned k = 0; k < sizeof s; k++)
			s.byte[k] = (uint8_t)test_random(&seed);
		hostile(&s, i);
	}
}

/** They go with it: while it runs, and while it is paused */
void fpu_moved(void)
{
	struct subject *const x = &subjects[0];
	struct state s;
	for (uint32_t i = 0; i < 8; i++) {
		load(x, i, 12000 + i);
		check_ok(thread_move(x->cap, (i + 1) % test_cpus));
		test_sleep(i % 2 * 1000);
		check_ok(thread_pause(x->cap));
		read_all(x->cap, &s);
		expect_image(&s, &given, "moved while it ran");
		check_ok(thread_move(x->cap, (i + 2) % test_cpus));
		read_all(x->cap, &s);
		expect_image(&s, &given, "moved while paused");
		fill(&other, 13000 + i);
		image_state(&other, &s);
		write_all(x->cap, &s);
		check_ok(thread_move(x->cap, (i + 3) % test_cpus));
		expect_stored(x, &other, "set and moved");
		subject_end(x);
	}
}

/** All on one CPU, one after the other: each its own, and new ones nobody's */
void fpu_others(void)
{
	static struct image images[4];
	struct state s;
	for (uint32_t i = 0; i < 4; i++) {
		load(&subjects[i], 1, 14000 + i);
		images[i] = given;
	}
	subject_start(&subjects[4], 1, code_nops, 0);
	subject_hold(&subjects[4]);
	expect_fresh(subjects[4].cap, "beside others");
	check_ok(thread_pause(subjects[2].cap));
	fill(&other, 15000);
	image_state(&other, &s);
	write_all(subjects[2].cap, &s);
	for (uint32_t i = 0; i < 4; i++) {
		check_ok(thread_pause(subjects[i].cap));
		read_all(subjects[i].cap, &s);
		expect_image(&s, i == 2 ? &other : &images[i], "one of many");
	}
	for (uint32_t i = 0; i < 4; i++) {
		expect_stored(&subjects[i], i == 2 ? &other : &images[i],
		              "stored by one of many");
		subject_end(&subjects[i]);
	}
	subject_create(&subjects[0], own_cpu.cap, 1);
	expect_fresh(subjects[0].cap, "after others");
	subject_end(&subjects[0]);
	subject_end(&subjects[4]);
}

/** Whatever it does; any bytes */
void fpu_meddle(thread_cap_t thread, uint64_t *seed)
{
	uint64_t const number = test_random(seed);
	uint32_t const at = (uint32_t)(number % 16) * LINE;
	struct thread_fpu line;
	memset(&line, (int)(number >> 8 & 0xff), sizeof line);
	enum error const error = number >> 16 & 1 ? thread_fpu(thread, at, &line)
		: thread_set_fpu(thread, at, &line);
	check(!error || error == ERROR_CONFLICT || error == ERROR_INVALID, "%s",
	      error_text(error));
}
