/* SPDX-License-Identifier: MIT */

/* public */
#include <util/bits.h>
#include <util/string.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "component/thread.h"

/* Group 0 is core's. 1 is init's: its quota is told once there is another one */
enum { GROUP_CORE, GROUP_INIT, ALL = 100 };

static struct list holders;
static uint64_t    groups = 1 << GROUP_CORE;      /* in use */
static uint32_t    sessions[KERNEL_CPU_GROUPS];   /* of each group */

static struct cpu *of_holder(struct list_node *node)
{
	return container_of(node, struct cpu, budget.holders);
}

/** Whether a session with 'label' is 'above' or below it */
static bool within(char const *label, char const *above)
{
	size_t const length = strlen(above);
	return string_starts(label, above)
	    && (!label[length] || string_starts(label + length, " -> "));
}

/** Nearest one with a quota; NULL: there is none, it is init's own */
static struct cpu *above(struct cpu const *cpu)
{
	struct cpu *nearest = NULL;
	size_t length = 0;
	list_for_each(&holders, node) {
		struct cpu *const c = of_holder(node);
		size_t const l = strlen(c->session.label);
		if (within(cpu->session.label, c->session.label)
		 && (!nearest || l > length)) {
			nearest = c;
			length  = l;
		}
	}
	return nearest;
}

static void join(struct cpu *cpu, unsigned group)
{
	cpu->budget.group = group;
	sessions[group]++;
	groups |= bit(group);
}

static void hold(struct cpu *cpu, struct cpu *from, unsigned quota)
{
	join(cpu, bit_lowest(~groups));
	cpu->budget.from  = from;
	cpu->budget.quota = quota;
	list_append(&holders, &cpu->budget.holders);
}

/** The kernel learns a holder's quota */
static void tell(struct cpu const *cpu)
{
	error_ignore(kernel_cpu_quota(cpu->budget.group, cpu->budget.quota),
	             "valid by construction");
}

enum error budget_open(struct cpu *cpu, uint64_t quota)
{
	struct cpu *const from = above(cpu);
	if (!from) {
		hold(cpu, NULL, ALL);
		return ERROR_OK;
	}
	if (!quota) {
		join(cpu, from->budget.group);
		return ERROR_OK;
	}
	if (quota < BUDGET_MIN)
		return ERROR_INVALID;
	if (quota > from->budget.quota || !~groups)
		return ERROR_LIMIT;
	from->budget.quota -= (uint32_t)quota;
	tell(from);
	hold(cpu, from, (uint32_t)quota);
	tell(cpu);
	return ERROR_OK;
}

static void give_back(struct cpu *cpu)
{
	struct cpu *const from = cpu->budget.from;
	list_remove(&cpu->budget.holders);
	list_for_each(&holders, node)
		if (of_holder(node)->budget.from == cpu)
			of_holder(node)->budget.from = from;

	if (from)
		from->budget.quota += cpu->budget.quota;
	cpu->budget.quota = 0;
	tell(cpu);
	if (from)
		tell(from);
}

void budget_close(struct cpu *cpu)
{
	uint32_t const group = cpu->budget.group;
	if (!group)
		return;
	if (list_linked(&cpu->budget.holders))
		give_back(cpu);
	if (!--sessions[group])
		groups &= ~bit(group);
	cpu->budget.group = 0;
}
