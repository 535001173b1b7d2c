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

static struct list holders, members;
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
	cpu_changed(cpu);
	sessions[group]++;
	groups |= bit(group);
	if (!list_linked(&cpu->budget.members))
		list_append(&members, &cpu->budget.members);
}

static void leave(struct cpu *cpu)
{
	uint32_t const group = cpu->budget.group;
	if (!--sessions[group])
		groups &= ~bit(group);
	cpu->budget.group = 0;
}

struct cpu *budget_next_below(struct cpu const *cpu, struct cpu const *previous)
{
	struct list_node *node = !previous ? list_first(&members)
		: list_next(&members, &previous->budget.members);
	for (; node; node = list_next(&members, node)) {
		struct cpu *const next =
			container_of(node, struct cpu, budget.members);
		if (within(next->session.label, cpu->session.label))
			return next;
	}
	return NULL;
}

/** Sessions below 'cpu' without a quota follow the one above that has one */
static void regroup(struct cpu const *cpu)
{
	for (struct cpu *c = NULL; (c = budget_next_below(cpu, c));) {
		if (list_linked(&c->budget.holders))
			continue;
		unsigned const group = above(c)->budget.group;
		if (group == c->budget.group)
			continue;
		leave(c);
		join(c, group);
	}
}

static void hold(struct cpu *cpu, struct cpu *from, unsigned quota)
{
	join(cpu, bit_lowest(~groups));
	cpu->budget.from  = from;
	cpu->budget.quota = cpu->budget.total = quota;
	list_append(&holders, &cpu->budget.holders);
}

/** The kernel learns a holder's quota */
static void tell(struct cpu const *cpu)
{
	error_ignore(kernel_cpu_quota(cpu->budget.group, cpu->budget.quota),
	             "valid by construction");
}

/** Give a session without a quota one of its own */
static enum error take(struct cpu *cpu, struct cpu *from, uint64_t quota)
{
	if (quota < BUDGET_MIN)
		return ERROR_INVALID;
	if (quota > from->budget.quota || !~groups)
		return ERROR_LIMIT;
	if (cpu->budget.group)
		leave(cpu);
	from->budget.quota -= (uint32_t)quota;
	tell(from);
	hold(cpu, from, (uint32_t)quota);
	tell(cpu);
	return ERROR_OK;
}

enum error budget_open(struct cpu *cpu, uint64_t quota)
{
	struct cpu *const from = above(cpu);
	if (!from) {
		hold(cpu, NULL, ALL);
		return ERROR_OK;
	}
	if (quota)
		return take(cpu, from, quota);
	join(cpu, from->budget.group);
	return ERROR_OK;
}

/** Less is told first, so that the sum never exceeds what there is */
static enum error resize(struct cpu *cpu, uint64_t quota)
{
	struct cpu_budget *const own = &cpu->budget, *const from =
		&own->from->budget;
	if (quota < BUDGET_MIN)
		return ERROR_INVALID;
	uint64_t const given = own->total - own->quota;
	if (quota < given || quota - given > own->quota + from->quota)
		return ERROR_LIMIT;
	bool const more = quota > own->total;
	from->quota = (uint32_t)(own->quota + from->quota - (quota - given));
	own->quota  = (uint32_t)(quota - given);
	own->total  = (uint32_t)quota;
	tell(more ? own->from : cpu);
	tell(more ? cpu : own->from);
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
	cpu->budget.quota = cpu->budget.total = 0;
	tell(cpu);
	if (from)
		tell(from);
}

enum error budget_change(struct cpu *cpu, uint64_t quota)
{
	struct cpu_budget *const b = &cpu->budget;
	if (quota == b->total)
		return ERROR_OK;
	bool const holds = list_linked(&b->holders);
	if (holds && !b->from)
		return ERROR_INVALID;       /* it is init's */
	if (holds && quota)
		return resize(cpu, quota);
	if (quota) {
		enum error const error = take(cpu, above(cpu), quota);
		if (error)
			return error;
	} else {
		give_back(cpu);
	}
	regroup(cpu);
	return ERROR_OK;
}

void budget_close(struct cpu *cpu)
{
	if (!cpu->budget.group)
		return;
	if (list_linked(&cpu->budget.holders))
		give_back(cpu);
	list_remove(&cpu->budget.members);
	leave(cpu);
}
