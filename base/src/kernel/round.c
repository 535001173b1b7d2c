/* SPDX-License-Identifier: MIT */
/*
 * Each CPU reports a round when it takes the mailbox interrupt: it was in user
 * mode or idle then, thus holds no pointer. The CPU that waits for a round
 * counts as soon as its own mailbox is empty: all it has is what it destroys.
 * A CPU that is idle, with nothing in its mailbox, is not disturbed.
 */

/* Internal */
#include <kernel/apic.h>
#include <kernel/local.h>
#include <kernel/round.h>

static uint64_t volatile round_wanted;


/** Before halting: no pointer is held from here on, but by mail that is left */
void round_leave(void)
{
	struct cpu_local *const local = cpu_local();
	bool const left = local->mailbox.taken || local->mailbox.oldest;
	__atomic_store_n(&local->idle, !left, __ATOMIC_SEQ_CST);
}


/** First of all at an interrupt of the idle CPU */
void round_enter(void)
{
	__atomic_store_n(&cpu_local()->idle, 0, __ATOMIC_SEQ_CST);
}


/** The mailbox is looked at first: who empties it is not idle any more */
static bool outside(struct cpu_local const *local)
{
	return !__atomic_load_n(&local->mailbox.newest, __ATOMIC_SEQ_CST)
	    && __atomic_load_n(&local->idle, __ATOMIC_SEQ_CST);
}


uint64_t round_start(void)
{
	uint64_t const round = __atomic_add_fetch(&round_wanted, 1, __ATOMIC_SEQ_CST);
	struct cpu const *const self = cpu_self();
	for (uint32_t i = 0; i < cpu_count; i++)
		if (cpu_table[i] != self && !outside(cpu_table[i]->local))
			apic_send(cpu_table[i], VECTOR_MAILBOX);
	round_serve();
	return round;
}


bool round_over(uint64_t round)
{
	for (uint32_t i = 0; i < cpu_count; i++)
		if (cpu_table[i]->local->round < round
		 && !outside(cpu_table[i]->local))
			return false;
	return true;
}


/** In this order: doc/ipc.md, rule 12 */
void round_serve(void)
{
	uint64_t const round = __atomic_load_n(&round_wanted, __ATOMIC_SEQ_CST);
	if (mailbox_serve())
		__atomic_store_n(&cpu_local()->round, round, __ATOMIC_SEQ_CST);
}
