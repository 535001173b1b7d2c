/* SPDX-License-Identifier: MIT */
/*
 * TCG plugin: which instructions of an address range were executed
 *
 *   -plugin executed.so,low=<address>,high=<address>,out=<file>
 *
 * The file gets their addresses, one a line, in hexadecimal, when QEMU ends. An
 * instruction counts if its translation block was begun: an exception in the middle
 * is not seen.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "qemu.h"

/** Part of a block that is in the range: [first, last] */
struct run { uint64_t first, last; bool volatile done; };

int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static uint64_t  low, high;
static uint8_t volatile *begins, *reached; /* of each address: 0 or 1 */
static char      out[4096];

static void executed(unsigned cpu, void *user)
{
	struct run *const run = user;
	if (run->done)
		return;
	for (uint64_t at = run->first; at <= run->last; at++)
		if (begins[at - low])
			reached[at - low] = 1;
	run->done = true;
}

static void translated(qemu_plugin_id_t id, struct qemu_block *block)
{
	size_t const n = qemu_plugin_tb_n_insns(block);
	struct run run = { 0 };
	for (size_t i = 0; i < n; i++) {
		uint64_t const at =
			qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(block, i));
		if (at < low || at >= high)
			return;
		begins[at - low] = 1;
		if (!i)
			run.first = at;
		run.last = at;
	}
	struct run *const kept = malloc(sizeof *kept);
	if (!n || !kept)
		return;
	*kept = run;            /* as long as QEMU lives */
	qemu_plugin_register_vcpu_tb_exec_cb(block, executed, QEMU_NO_REGISTERS,
	                                     kept);
}

static void ended(qemu_plugin_id_t id, void *user)
{
	FILE *const file = fopen(out, "w");
	if (!file) {
		perror(out);
		return;
	}
	for (uint64_t at = low; at < high; at++)
		if (reached[at - low])
			fprintf(file, "%" PRIx64 "\n", at);
	if (fclose(file))
		perror(out);
}

static char const *value_of(char const *argument, char const *name)
{
	size_t const length = strlen(name);
	return strncmp(argument, name, length) || argument[length] != '='
	       ? NULL : argument + length + 1;
}

int qemu_plugin_install(qemu_plugin_id_t id, struct qemu_info const *info,
                        int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		char const *value;
		if ((value = value_of(argv[i], "low")))
			low = strtoull(value, NULL, 0);
		else if ((value = value_of(argv[i], "high")))
			high = strtoull(value, NULL, 0);
		else if ((value = value_of(argv[i], "out")))
			snprintf(out, sizeof out, "%s", value);
	}
	if (low >= high || high - low > 1ul << 28 || !*out) {
		fprintf(stderr, "executed: low=, high=, out= are needed\n");
		return -1;
	}
	begins  = calloc(high - low, 1);
	reached = calloc(high - low, 1);
	if (!begins || !reached)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
