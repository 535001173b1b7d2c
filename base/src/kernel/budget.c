/* SPDX-License-Identifier: MIT */

/* Internal */
#include <kernel/budget.h>
#include <kernel/timer.h>

bool budget_on;

static uint8_t volatile quotas[KERNEL_CPU_GROUPS];


enum error budget_set_quota(uint64_t group, uint64_t percent)
{
	if (group >= KERNEL_CPU_GROUPS || percent > 100)
		return ERROR_INVALID;
	quotas[group] = (uint8_t)percent;
	__atomic_store_n(&budget_on, true, __ATOMIC_SEQ_CST);
	return ERROR_OK;
}


/** Who used more than its quota owes nothing: nobody else wanted the time */
bool budget_renew(struct budget *budget, uint64_t now, struct list *ready)
{
	uint64_t const period = timer_hz / BUDGET_PERIODS;
	if (now < budget->end)
		return false;

	budget->end = now + period;
	for (unsigned i = 1; i < KERNEL_CPU_GROUPS; i++)
		budget->left[i] = (int64_t)(quotas[i] * period / 100);
	budget->left[0] = INT64_MAX;
	list_append_all(ready, &budget->parked);
	return true;
}
