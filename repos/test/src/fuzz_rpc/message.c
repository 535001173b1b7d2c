/* SPDX-License-Identifier: MIT */
/* Messages: nearly valid ones, from the tables of tool/rpc */

/* public */
#include <util/minmax.h>
#include <util/string.h>

/* local */
#include "fuzz.h"

/** What names of arguments promise, mostly */
static bool plausible(char const *name, uint64_t *value)
{
	static struct { char const *name; uint32_t limit; uint64_t unit; } const
	hints[] = {
		{ "flags", 16, 1 }, { "size", 12, 4096 }, { "offset", 4, 4096 },
		{ "at", 64, 4096 }, { "address", 64, 4096 }, { "cpu_index", 2, 1 },
		{ "priority", 128, 1 }, { "id", 40, 1 }, { "donation.ram", 20, 4096 },
		{ "donation.caps", 10, 1 }, { "ram", 8, 4096 }, { "caps", 8, 1 },
		{ "donation.cpu_first", 2, 1 }, { "donation.cpu_count", 2, 1 },
		{ "policy", 32, 1 }, { "port", 16, 1 }, { "width", 5, 1 },
		{ "us", 20, 1000 },
	};
	for (unsigned i = 0; i < sizeof hints / sizeof *hints; i++)
		if (string_equal(hints[i].name, name)) {
			*value = random_below(&chance, hints[i].limit)
			       * hints[i].unit;
			if (string_equal(name, "port"))
				*value += 0x2000;  /* where its session is */
			return !random_once(&chance, 6);
		}
	return false;
}

static uint64_t scalar(struct rpc_argument const *a)
{
	static uint64_t const values[] = { 0, 1, 2, 3, 4, 7, 12, 64, 127, 4095, 4096,
		8192, 0x10000, 0x200000, 0x401000, 0x10000000, 0x7ffffffff000,
		0x800000000000, 0xffffffff80000000, ~0xffful, ~0ul };
	uint32_t const n = sizeof values / sizeof *values;
	uint64_t value = random_once(&chance, 4) ? random_word(&chance)
	                                         : values[random_below(&chance, n)];
	if (plausible(a->name, &value) || random_once(&chance, 24))
		return value;
	if (a->kind == RPC_CHOICE)
		return value % (a->bound + 1ul);
	return a->bound < 64 ? value & ((1ul << a->bound) - 1) : value;
}

static char const *known_text(void)
{
	static char const *const texts[] = { "", "PD", "CPU", "RM", "ROM", "LOG",
		"Bench", "Witness", "Nonsense", "config", "culprit", "fuzz_rpc",
		"core_state", "rom", "cpu | priority: 3", "cpu | priority: x",
		"a | b: c | d", "+ + +", "line\n", "two\nlines\n", "Timer",
		"Report", "report | buffer: 8192", "report | buffer: 0",
		"irq | gsi: 900", "rm | size: 3", "hole", "settings" };
	return texts[random_below(&chance, sizeof texts / sizeof *texts)];
}

/** As it travels: bytes with NUL, padded to words */
static void put_string(struct rpc_message *m, uint32_t bound)
{
	char text[256];
	size_t length;
	if (random_once(&chance, 6)) {
		length = random_below(&chance, min(bound + 2, (uint32_t)sizeof text));
		for (size_t i = 0; i < length; i++)
			text[i] = (char)(random_below(&chance, 255) + 1);
		text[length] = 0;
	} else {
		string_copy(text, sizeof text, known_text());
		length = strlen(text);
	}
	uint32_t const words = (uint32_t)(length / 8 + 1);
	if (m->words + words > RPC_WORDS)
		return;
	m->word[m->words + words - 1] = 0;
	memcpy(&m->word[m->words], text, length + 1);
	m->words += words;
}

void message_encode(struct rpc_message *m, struct rpc_operation const *operation)
{
	m->tag   = operation->opcode;
	m->words = m->caps = 0;
	for (unsigned i = 0; i < operation->count; i++) {
		struct rpc_argument const *const a = &operation->arguments[i];
		if (a->out)
			continue;
		if (a->kind == RPC_CAPABILITY)
			m->cap[m->caps++] = object_to_send(a->type);
		else if (a->kind == RPC_STRING)
			put_string(m, a->bound);
		else
			m->word[m->words++] = scalar(a);
	}
}

void message_distort(struct rpc_message *m)
{
	switch (random_below(&chance, 6)) {
	case 0: m->words = random_below(&chance, RPC_WORDS + 1); break;
	case 1: m->caps  = random_below(&chance, RPC_CAPS + 1); break;
	case 2: m->tag  ^= 1ul << random_below(&chance, 64); break;
	case 3: m->tag   = (m->tag & ~0xfffful) | random_below(&chance, 40); break;
	case 4: m->word[random_below(&chance, RPC_WORDS)] ^=
		        1ul << random_below(&chance, 64); break;
	case 5: memset(m->word, 'x', sizeof m->word); m->words = RPC_WORDS; break;
	}
}
