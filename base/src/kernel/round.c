/* SPDX-License-Identifier: MIT */
/*
 * Each CPU reports a round when it takes the mailbox interrupt: it was in user
 * mode or idle then, thus holds no pointer. The CPU that waits for a round
 * counts as soon as its own mailbox is empty: all it has is what it destroys.
 */

/* Internal */
#include <kernel/apic.h>
#include <kernel/local.h>
#include <kernel/round.h>

static uint64_t volatile round_wanted;


uint64_t round_start(void)
{
	uint64_t const round = __atomic_add_fetch(&round_wanted, 1, __ATOMIC_SEQ_CST);
	struct cpu const *const self = cpu_self();
	for (uint32_t i = 0; i < cpu_count; i++)
		if (cpu_table[i] != self)
			apic_send(cpu_table[i], VECTOR_MAILBOX);
	round_serve();
	return round;
}


bool round_over(uint64_t round)
{
	for (uint32_t i = 0; i < cpu_count; i++)
		if (cpu_table[i]->local->round < round)
			return false;
	return true;
}


/** In this order: doc/ipc.md, rule 12 */
void round_serve(void)
{
	uint64_t const round = __atomic_load_n(&round_wanted, __ATOMIC_SEQ_CST);
	mailbox_serve();
	__atomic_store_n(&cpu_local()->round, round, __ATOMIC_SEQ_CST);
}
