/* SPDX-License-Identifier: MIT */
/**
 * Time: frequency of the time-stamp counter, one-shot timer of each CPU
 *
 * The timer is the APIC's: by TSC deadline if the CPU has it, else counting down
 * its own clock, whose ratio to the TSC is measured once.
 */

/* Internal */
#include <kernel/cpu.h>
#include <kernel/panic.h>
#include <kernel/port.h>
#include <kernel/timer.h>
#include <kernel/vector.h>

/* Local */
#include "apic_registers.h"
#include "cpuid.h"
#include "init.h"

/* SDM 3A 11.5.4 */
enum { LVT_DEADLINE = 2 << 17, DIVIDE_BY_1 = 0xb, MSR_TSC_DEADLINE = 0x6e0 };

/* 8254 timer and the port that gates its counter 2 (Intel 8254 data sheet) */
enum { PIT_COUNTER2 = 0x42, PIT_COMMAND = 0x43, PIT_GATE = 0x61 };
enum { PIT_HZ = 1193182, PIT_MODE0 = 0xb0, PIT_LATCH = 0x80 };

uint64_t timer_hz;

/** APIC ticks a TSC tick, times 2^32 */
static uint64_t ratio;

struct sample { uint64_t tsc, width; uint32_t apic, pit; };

static struct sample sample_once(void)
{
	struct sample s;
	uint64_t const before = cpu_tsc();
	port_out8(PIT_COMMAND, PIT_LATCH);
	s.apic  = apic_read(APIC_TIMER_CURRENT);
	s.tsc   = cpu_tsc();
	s.width = s.tsc - before;
	s.pit   = port_in8(PIT_COUNTER2);
	s.pit  |= (uint32_t)port_in8(PIT_COUNTER2) << 8;
	return s;
}

/** The quickest of a few: we may be a guest that lost its CPU in between */
static struct sample sample(void)
{
	struct sample best = sample_once();
	for (unsigned i = 0; i < 3; i++) {
		struct sample const s = sample_once();
		if (s.width < best.width)
			best = s;
	}
	return best;
}

struct rates { uint64_t tsc, apic; };

/** Measure for a millisecond by the 8254 */
static struct rates measure(void)
{
	enum { TICKS = PIT_HZ / 1000, TRIES = 10000000 };
	uint8_t const gate = port_in8(PIT_GATE);
	port_out8(PIT_GATE, (uint8_t)((gate & ~2) | 1)); /* speaker off, count */
	port_out8(PIT_COMMAND, PIT_MODE0);
	port_out8(PIT_COUNTER2, 0xff);
	port_out8(PIT_COUNTER2, 0xff);
	apic_write(APIC_TIMER_INITIAL, ~0U);

	struct sample const first = sample();
	struct sample last = first;
	for (unsigned i = 0; first.pit - last.pit < TICKS; i++) {
		if (i == TRIES)
			panic("timer: the 8254 does not count");
		cpu_pause();
		last = sample_once();
	}
	last = sample();
	apic_write(APIC_TIMER_INITIAL, 0);
	port_out8(PIT_GATE, gate);

	uint64_t const ticks = first.pit - last.pit;
	return (struct rates){
		.tsc  = (last.tsc - first.tsc) * PIT_HZ / ticks,
		.apic = (uint64_t)(first.apic - last.apic) * PIT_HZ / ticks };
}

/** Whether two measurements agree but for 3 % */
static bool agree(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= a / 32;
}

/**
 * Measure until it is twice the same
 *
 * The 8254 wraps after 55 ms: a virtual machine that did not run for so long
 * measures nonsense.
 */
static struct rates measure_twice(void)
{
	enum { TRIES = 20 };
	struct rates last = measure();
	for (unsigned i = 0; i < TRIES; i++) {
		struct rates const now = measure();
		if (agree(last.tsc, now.tsc) && agree(last.apic, now.apic))
			return now;
		last = now;
	}
	panic("timer: TSC %lu Hz, APIC %lu Hz, or else", last.tsc, last.apic);
}

/** By CPUID: SDM 2A leaf 15h, or a hypervisor's leaf 40000010h; 0: not told */
static uint64_t told_hz(void)
{
	struct cpuid const clock = cpuid(0x15, 0);
	if (clock.r[CPUID_AX] && clock.r[CPUID_BX] && clock.r[CPUID_CX])
		return (uint64_t)clock.r[CPUID_CX] * clock.r[CPUID_BX] /
		       clock.r[CPUID_AX];
	if (cpu_features.guest)
		return cpuid(0x40000010, 0).r[CPUID_AX] * 1000UL;
	return 0;
}

void timer_init_cpu(void)
{
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER |
	           (cpu_features.deadline ? LVT_DEADLINE : 0U));
	/* the mode must be in effect before the MSR is written (11.5.4.1) */
	__asm__ volatile ("mfence" ::: "memory");
}

void timer_init(void)
{
	struct cpuid const power = cpuid(0x80000007, 0);
	if (!cpuid_bit(&power, CPUID_DX, 8))
		console_print("timer: the TSC is not invariant\n");
	timer_hz = told_hz();
	if (timer_hz && cpu_features.deadline)
		return;

	/* its current count reads 0 in deadline mode */
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | LVT_MASKED);
	struct rates const rates = measure_twice();
	timer_init_cpu();
	timer_hz = rates.tsc;
	if (timer_hz < 1000000 || rates.apic >> 32 ||
	    (!cpu_features.deadline && rates.apic < 1000))
		panic("timer: TSC %lu Hz, APIC %lu Hz", timer_hz, rates.apic);
	ratio = (rates.apic << 32) / timer_hz;
}

void timer_wait(uint64_t microseconds)
{
	uint64_t const end = cpu_tsc() + timer_hz / 1000000 * microseconds;
	while (cpu_tsc() < end)
		cpu_pause();
}

/** As many APIC ticks as there are to 'tsc', between 1 and the counter's range */
static uint32_t count_to(uint64_t tsc)
{
	uint64_t const now = cpu_tsc();
	if (tsc <= now)
		return 1;
	unsigned __int128 const ticks =
		((unsigned __int128)(tsc - now) * ratio >> 32) + 1;
	return ticks > ~0U ? ~0U : (uint32_t)ticks;
}

void timer_program(uint64_t tsc)
{
	struct cpu *const cpu = cpu_self();
	if (cpu->timer_armed == tsc)
		return;
	cpu->timer_armed = tsc;

	/* 0 written there is no time, but stops the timer (11.5.4.1) */
	if (cpu_features.deadline)
		cpu_msr_write(MSR_TSC_DEADLINE, ~tsc ? tsc + !tsc : 0);
	else
		apic_write(APIC_TIMER_INITIAL, ~tsc ? count_to(tsc) : 0);
}
