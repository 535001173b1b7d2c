/* SPDX-License-Identifier: MIT */
/**
 * One time on all CPUs: each other CPU compares its time-stamp counter to the
 * boot CPU's before it is online, and is set right if they differ (SDM 3B 18.17)
 *
 * The boot CPU answers while it waits for it. Where counters agree nothing is
 * written, so that firmware's or a hypervisor's own alignment stays.
 */

/* Internal */
#include <kernel/lock.h>
#include <kernel/panic.h>

/* Local */
#include "clock_offset.h"
#include "init.h"

enum { MSR_TSC = 0x10, MSR_TSC_ADJUST = 0x3b };

enum { ROUNDS = 5, TRIES = 16 };

/* Number of the last question, and of the last answer: the boot CPU's time */
static uint64_t asked, answered, answer;

/** Neither before earlier loads, as RDTSC may be (SDM 2B), nor behind later stores */
static uint64_t time_in_order(void)
{
	__asm__ volatile ("lfence" ::: "memory");
	uint64_t const now = cpu_tsc();
	__asm__ volatile ("" ::: "memory");
	return now;
}

void clock_answer(void)
{
	uint64_t const question = __atomic_load_n(&asked, __ATOMIC_ACQUIRE);
	if (question == answered)
		return;
	answer = time_in_order();
	__atomic_store_n(&answered, question, __ATOMIC_RELEASE);
}

static struct clock_offset measure(void)
{
	struct clock_offset offset = CLOCK_OFFSET_UNKNOWN;
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t const before = time_in_order(), question = asked + 1;
		__atomic_store_n(&asked, question, __ATOMIC_RELEASE);
		while (__atomic_load_n(&answered, __ATOMIC_ACQUIRE) != question)
			cpu_pause();
		clock_offset_narrow(&offset, before, answer, time_in_order());
	}
	return offset;
}

/** 'late': what an earlier write came late, as reading and writing take time */
static void advance(int64_t ticks, int64_t late)
{
	if (cpu_features.tsc_adjust)
		cpu_msr_write(MSR_TSC_ADJUST, cpu_msr_read(MSR_TSC_ADJUST) +
		                              (uint64_t)ticks);
	else
		cpu_msr_write(MSR_TSC, cpu_tsc() + (uint64_t)(ticks + late));
}

void clock_align(uint32_t apic_id)
{
	static struct lock one_at_a_time;
	lock_take(&one_at_a_time);
	struct clock_offset offset = measure();
	int64_t const first = clock_offset_middle(&offset);
	int64_t late = 0;
	unsigned tries = 0;
	for (; tries < TRIES && !clock_offset_none(&offset); tries++) {
		int64_t const ticks = clock_offset_middle(&offset);
		late += tries ? ticks : 0;
		advance(ticks, late);
		offset = measure();
	}
	if (tries)
		console_print("cpu: TSC of APIC id %u was %lu ticks %s: %s\n",
		              apic_id, (uint64_t)(first < 0 ? -first : first),
		              first < 0 ? "ahead" : "behind",
		              clock_offset_none(&offset) ? "set right"
		                                         : "cannot be set right");
	lock_release(&one_at_a_time);
}
