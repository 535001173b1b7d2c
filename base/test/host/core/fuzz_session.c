/* SPDX-License-Identifier: MIT */
/** libFuzzer: any text and label as arguments of a session at core */

#include <base/session.h>
#include <session/parent.h>
#include <stdlib.h>
#include <util/string.h>
#include "booted.h"
#include "fake_kernel.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

/** What it allocates, core has at hand from the second time on */
static void try(char const *service, char const *label, char const *text,
                uint8_t means)
{
	uint32_t id;
	cap_t cap;
	if (open_text(service, label, text, (means & 15) * 8192ul,
	              means >> 4, &id, &cap))
		return;
	while (parent_close(parent, id) == ERROR_AGAIN)
		;
}

static bool same(struct books const *a, struct books const *b)
{
	return a->ram == b->ram && a->caps == b->caps && a->free == b->free
	    && a->objects == b->objects && a->mappings == b->mappings;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char const *const services[] = { "PD", "CPU", "RM", "ROM", "LOG",
		"IO_MEM", "IRQ", "TRACE", "System", "Entropy", "Nonsense" };
	static bool booted;
	char text[SESSION_ARGS], label[24] = "";
	if (!booted)
		boot();
	booted = true;
	if (size < 3)
		return 0;
	char const *const service = services[data[0] % 11];
	size_t const cut = data[2] % sizeof label;
	for (size_t i = 0; i < cut && 3 + i < size; i++)
		label[i] = (char)data[3 + i];
	size_t n = 0;
	for (size_t i = 3 + cut; i < size && n < sizeof text - 1; i++)
		text[n++] = (char)data[i];
	text[n] = 0;

	try(service, label, text, data[1]);
	struct books const before = books();
	try(service, label, text, data[1]);
	struct books const after = books();
	if (!same(&before, &after) || !fake_check())
		abort();
	return 0;
}
