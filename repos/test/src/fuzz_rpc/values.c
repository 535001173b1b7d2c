/* SPDX-License-Identifier: MIT */
/* Scalars and texts: what names promise, what calls brought, and nonsense */

/* public */
#include <util/string.h>

/* local */
#include "fuzz.h"

/** What the name of an argument promises, mostly */
struct range {
	char const *name;
	uint64_t    first;
	uint32_t    limit;
	uint64_t    unit;
};

static struct range const ranges[] = {
	{ "flags",      0, 16, 1 },    { "size",      0, 12, 4096 },
	{ "offset",     0,  4, 4096 }, { "at",        0, 64, 4096 },
	{ "address",    0, 64, 4096 }, { "cpu_index", 0,  2, 1 },
	{ "priority",   0, 128, 1 },   { "id",        0, 40, 1 },
	{ "ram",        0, 12, 4096 }, { "caps",      0,  8, 1 },
	{ "cpu_first",  0,  2, 1 },    { "cpu_count", 0,  2, 1 },
	{ "policy",     0, 32, 1 },    { "width",     0,  5, 1 },
	{ "us",         0, 20, 1000 }, { "after",     0,  4, 1 },
	{ "port", 0x2000, 16, 1 },     /* where its session is */
};

/* one name for what another operation calls differently */
static struct { char const *name, *source; } const aliases[] = {
	{ "after", "id" }, { "at", "address" },
};

enum { POOLS = 160 };
static struct value values[POOLS];
static unsigned     n_values;

/** "donation.ram" is just another "ram" */
static char const *last_part(char const *name)
{
	char const *last = name;
	for (char const *c = name; *c; c++)
		if (*c == '.')
			last = c + 1;
	for (unsigned i = 0; i < sizeof aliases / sizeof *aliases; i++)
		if (string_equal(aliases[i].name, last))
			return aliases[i].source;
	return last;
}

struct value *value_of(struct rpc_interface const *interface, char const *name)
{
	char const *const last = last_part(name);
	for (unsigned i = 0; i < n_values; i++)
		if (values[i].interface == interface
		 && string_equal(values[i].name, last))
			return &values[i];
	if (n_values == POOLS)
		return NULL;
	values[n_values] = (struct value) { interface, last, { 0 }, 0 };
	return &values[n_values++];
}

void values_forget(void)
{
	for (unsigned i = 0; i < n_values; i++)
		values[i].count = 0;
}

void value_note(struct value *value, uint64_t seen)
{
	if (value)
		value->seen[value->count++ % VALUES] = seen;
}

static uint64_t recall(struct value const *value)
{
	uint32_t const n = value->count < VALUES ? value->count : VALUES;
	return value->seen[random_below(&chance, n)];
}

struct range const *range_of(char const *name)
{
	char const *last = name;
	for (char const *c = name; *c; c++)
		if (*c == '.')
			last = c + 1;
	for (unsigned i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (string_equal(ranges[i].name, last))
			return &ranges[i];
	return NULL;
}

static uint64_t nonsense(void)
{
	static uint64_t const words[] = { 0, 1, 2, 3, 4, 7, 12, 64, 127, 4095, 4096,
		8192, 0x10000, 0x200000, 0x401000, 0x10000000, 0x7ffffffff000,
		0x800000000000, 0xffffffff80000000, ~0xffful, ~0ul };
	return random_once(&chance, 4) ? random_word(&chance)
	     : words[random_below(&chance, sizeof words / sizeof *words)];
}

uint64_t scalar_any(struct rpc_argument const *a, struct maker const *maker)
{
	struct range const *const range = maker->range;
	if (maker->value && maker->value->count && random_once(&chance, 2))
		return recall(maker->value);
	if (range && !random_once(&chance, 6)) {
		/* mostly few: flags that go together, ranges that fit */
		uint32_t const limit = 1 + random_below(&chance, range->limit);
		return range->first + random_below(&chance, limit) * range->unit;
	}
	uint64_t const value = nonsense();
	if (random_once(&chance, 24))
		return value;
	if (a->kind == RPC_CHOICE)
		return value % (a->bound + 1ul);
	return a->bound < 64 ? value & ((1ul << a->bound) - 1) : value;
}

static char const *service_any(void)
{
	struct rpc_interface const *const i =
		&rpc_interfaces[random_below(&chance, n_rpc_interfaces)];
	return i->service ? i->service : "Nonsense";
}

char const *text_any(char const *name)
{
	static char const *const texts[] = { "", "PD", "CPU", "RM", "ROM", "LOG",
		"Bench", "Witness", "Nonsense", "config", "culprit", "fuzz_rpc",
		"core_state", "rom", "cpu | priority: 3", "cpu | priority: x",
		"a | b: c | d", "+ + +", "line\n", "two\nlines\n", "Timer",
		"Report", "report | buffer: 8192", "report | buffer: 0",
		"irq | gsi: 900", "rm | size: 3", "hole", "settings" };
	if (string_equal(name, "service") && !random_once(&chance, 4))
		return service_any();
	return texts[random_below(&chance, sizeof texts / sizeof *texts)];
}
