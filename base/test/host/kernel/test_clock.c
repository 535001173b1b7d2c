/* SPDX-License-Identifier: MIT */
/** Alignment of clocks: simulated CPUs, whose time-stamp counters differ */

#include <kernel/page_table.h>
#include <kernel/panic.h>
#include <stdlib.h>
#include <string.h>
#include "test.h"
#include "x86/clock_offset.h"
#include "x86/init.h"

enum { MSR_TSC = 0x10, MSR_TSC_ADJUST = 0x3b, RUNS = 300, QUICK = 200,
       SLOW = 1000000 };

struct cpu_features cpu_features;

static uint64_t now;           /* true time */
static uint64_t skew[2];       /* what the counters of boot CPU and other show more */
static uint64_t adjust;        /* of the other CPU */
static unsigned running;       /* 0: the boot CPU */
static unsigned noise;         /* one of so many steps is slow */
static unsigned writes;
static bool     frozen;        /* writes have no effect */
static bool     jumpy;         /* the counter does not stay aligned */
static bool     complaint;

void tlb_serve(struct cpu *cpu) { abort(); }

void console_print(char const *format, ...)
{
	va_list list;
	va_start(list, format);
	va_arg(list, unsigned);
	va_arg(list, uint64_t);
	va_arg(list, char const *);
	complaint = strstr(va_arg(list, char const *), "cannot");
	va_end(list);
}

static void pass(void)
{
	now += 1 + test_random(noise && !test_random(noise) ? SLOW : QUICK);
}

uint64_t host_tsc(void)
{
	pass();
	uint64_t const jump = jumpy && running ? test_random(SLOW) * 10UL : 0;
	uint64_t const value = now + skew[running] + jump;
	pass();
	return value;
}

uint64_t host_msr_read(uint32_t msr)
{
	CHECK(running == 1 && msr == MSR_TSC_ADJUST);
	pass();
	return adjust;
}

void host_msr_write(uint32_t msr, uint64_t value)
{
	CHECK(running == 1);
	writes++;
	pass();
	if (frozen)
		return;
	if (msr == MSR_TSC_ADJUST) {
		CHECK(cpu_features.tsc_adjust);
		skew[1] += value - adjust;
		adjust   = value;
	} else {
		CHECK(msr == MSR_TSC && !cpu_features.tsc_adjust);
		skew[1] = value - now;
	}
	pass();
}

/** The other CPU waits: the boot CPU may or may not find the question */
void host_pause(void)
{
	pass();
	if (test_random(3) == 0)
		return;
	running = 0;
	clock_answer();
	running = 1;
}

static uint64_t align(uint64_t boot, uint64_t other)
{
	now     = (uint64_t)test_random(~0U) << 16;
	skew[0] = boot;
	skew[1] = other;
	adjust  = test_random(~0U);
	running = 1;
	writes  = 0;
	complaint = false;
	clock_align(1);
	int64_t const left = (int64_t)(skew[1] - skew[0]);
	return (uint64_t)(left < 0 ? -left : left);
}

/** Whatever they differ by, in the end nobody sees the time go back */
static void skewed(void)
{
	static uint64_t const by[] = { 5000, 1000000, 1000000000000, 1UL << 62,
		-5000UL, -1000000UL, -1000000000000UL, -(1UL << 62) };
	for (unsigned run = 0; run < RUNS; run++) {
		cpu_features.tsc_adjust = run & 1;
		/* a late write of the counter itself has to be repeated */
		noise = !(run & 2) ? 0 : run & 1 ? 16 : 64;
		for (unsigned i = 0; i < sizeof by / sizeof by[0]; i++) {
			CHECK(align(0, by[i]) <= 4 * QUICK);
			CHECK(writes >= 1 && !complaint);
		}
	}
	noise = 0;
}

/** One of them is about to wrap, or both */
static void wrapping(void)
{
	for (unsigned run = 0; run < RUNS; run++) {
		cpu_features.tsc_adjust = run & 1;
		uint64_t const start = -((uint64_t)test_random(1000) << 40);
		CHECK(align(start, 0) <= 4 * QUICK && !complaint);
		CHECK(align(0, start) <= 4 * QUICK && !complaint);
		CHECK(align(start, start + 100000) <= 4 * QUICK && !complaint);
	}
}

/** Nothing is written where they agree */
static void equal(void)
{
	for (unsigned run = 0; run < RUNS; run++) {
		noise = run % 8;
		uint64_t const start = (uint64_t)test_random(~0U) << test_random(32);
		CHECK(align(start, start) == 0);
		CHECK(writes == 0 && !complaint);
	}
	noise = 0;
}

/** The kernel tells what it cannot align, and goes on */
static void hopeless(void)
{
	for (unsigned run = 0; run < 2; run++) {
		cpu_features.tsc_adjust = run & 1;
		frozen = true;
		CHECK(align(0, 1000000) == 1000000);
		CHECK(writes >= 2 && complaint);
		frozen = false;
		jumpy  = true;
		align(0, 0);
		CHECK(complaint);
		jumpy  = false;
	}
}

/** The bounds hold, are those of the quickest round at least, and never widen */
static void bounds(void)
{
	for (unsigned run = 0; run < RUNS; run++) {
		struct clock_offset offset = CLOCK_OFFSET_UNKNOWN;
		int64_t const truth = (int64_t)test_random(2000000) - 1000000;
		uint64_t const there = (uint64_t)test_random(~0U) << 20;
		int64_t quickest = INT64_MAX;
		for (unsigned i = 0; i < 16; i++) {
			struct clock_offset const old = offset;
			uint32_t const a = test_random(5000), b = test_random(5000);
			uint64_t const mine = there - (uint64_t)truth;
			clock_offset_narrow(&offset, mine - a, there, mine + b);
			quickest = min(quickest, (int64_t)a + b);
			CHECK(offset.least >= old.least && offset.most <= old.most);
			CHECK(offset.least <= truth && truth <= offset.most);
			CHECK(offset.most - offset.least <= quickest);
		}
		int64_t const error = clock_offset_middle(&offset) - truth;
		CHECK(error <= quickest / 2 + 1 && -error <= quickest / 2 + 1);
		CHECK(clock_offset_none(&offset)
		      == (offset.least <= 0 && offset.most >= 0));
	}
}

static struct test_case const cases[] = {
	{ "clock: bounds of the difference", bounds },
	{ "clock: counters that differ", skewed },
	{ "clock: counters that wrap", wrapping },
	{ "clock: counters that agree", equal },
	{ "clock: counters that cannot be aligned", hopeless },
};

int main(void) { return test_run(cases, sizeof cases / sizeof cases[0]); }
