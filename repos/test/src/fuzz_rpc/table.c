/* SPDX-License-Identifier: MIT */
/*
 * All operations and types of capabilities in the tree, from the table of
 * tool/rpc, with what is looked up by name once
 */

/* public */
#include <base/log.h>
#include <util/string.h>

/* local */
#include "fuzz.h"

enum { OPERATIONS = 160, ARGUMENTS = 512, KINDS = 48, SUFFIX = sizeof "_cap_t" - 1 };

struct operation operations[OPERATIONS];
struct kind      kinds[KINDS];
unsigned         n_operations, n_kinds;

static struct maker makers[ARGUMENTS];
static unsigned     n_makers;

static struct kind *kind_called(char const *name, size_t length)
{
	for (unsigned i = 0; i < n_kinds; i++)
		if (kinds[i].length == length
		 && memcmp(kinds[i].name, name, length) == 0)
			return &kinds[i];
	if (n_kinds == KINDS) {
		log_error("too many types of capabilities");
		return NULL;
	}
	kinds[n_kinds] = (struct kind) { .name = name, .length = length };
	return &kinds[n_kinds++];
}

struct kind *kind_of(char const *name)
{
	return kind_called(name, strlen(name));
}

struct kind *kind_of_service(char const *service)
{
	for (unsigned i = 0; i < n_kinds; i++)
		if (kinds[i].interface && kinds[i].interface->service
		 && string_equal(kinds[i].interface->service, service))
			return &kinds[i];
	return NULL;
}

struct operation *operation_of(struct kind const *kind, uint64_t opcode)
{
	for (unsigned i = 0; i < n_operations; i++)
		if (operations[i].rpc->opcode == opcode)
			return operations[i].kind == kind ? &operations[i] : NULL;
	return NULL;
}

static bool one_of(char const *name, char const *const *names, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (string_equal(names[i], name))
			return true;
	return false;
}

static void set_maker(struct operation *o, unsigned i)
{
	struct rpc_argument const *const a = &o->rpc->arguments[i];
	struct maker *const m = &o->maker[i];
	if (a->kind == RPC_CAPABILITY) {
		size_t const length = strlen(a->type);
		m->kind = kind_called(a->type, length - SUFFIX);
		if (a->out && m->kind && m->kind->producers < PRODUCERS)
			m->kind->producer[m->kind->producers++] = o;
	} else if (a->kind != RPC_STRING) {
		m->value = value_of(o->kind->interface, a->name);
		m->range = range_of(a->name);
	}
}

static void add_operation(struct kind *kind, struct rpc_operation const *rpc)
{
	static char const *const spared[] = { "log_write", "parent_close",
		"parent_announce" };
	static char const *const deadly[] = { "parent_exit", "system_reboot",
		"system_power_off" };
	if (n_operations == OPERATIONS || n_makers + rpc->count > ARGUMENTS) {
		log_error("%s: no place for it", rpc->name);
		return;
	}
	struct operation *const o = &operations[n_operations++];
	o->rpc    = rpc;
	o->kind   = kind;
	o->maker  = &makers[n_makers];
	n_makers += rpc->count;
	o->spared = one_of(rpc->name, spared, sizeof spared / sizeof *spared);
	o->deadly = one_of(rpc->name, deadly, sizeof deadly / sizeof *deadly);
	for (unsigned i = 0; i < rpc->count; i++)
		set_maker(o, i);
}

void table_open(void)
{
	for (unsigned i = 0; i < n_rpc_interfaces; i++) {
		struct kind *const kind = kind_of(rpc_interfaces[i].name);
		if (kind)
			kind->interface = &rpc_interfaces[i];
	}
	for (unsigned i = 0; i < n_rpc_interfaces; i++)
		for (unsigned k = 0; k < rpc_interfaces[i].count; k++)
			add_operation(kind_of(rpc_interfaces[i].name),
			              &rpc_interfaces[i].operations[k]);
}
