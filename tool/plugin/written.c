/* SPDX-License-Identifier: MIT */
/*
 * TCG plugin: which cache lines each CPU writes in kernel mode
 *
 *   -plugin written.so,out=<file>
 *
 * The guest says when: a long NOP whose displacement is 0x4c494e00 + n (0 < n < 16)
 * begins section n on the CPU that executes it, the one with n = 0 ends it. The file
 * gets, when QEMU ends, for each section and CPU:
 *
 *   section 1 cpu 2: 14 lines, 7000 writes, 6000 beside another
 *
 * and for each line that more than one CPU wrote in the same section:
 *
 *   section 1 shared 0x7e35c0: cpu 1 at 0xffffffff80112345 cpu 2 at 0x…
 *
 * with the physical address of the line, and an instruction that wrote it. 'Beside
 * another' are writes while another CPU was in the same section.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "qemu.h"

enum { CPUS = 8, SECTIONS = 16, LINES = 1 << 14, LINE_SHIFT = 6 };

/* NOPL disp32(%rax) (SDM 2B, NOP) */
static uint8_t const marker[] = { 0x0f, 0x1f, 0x80 };
#define MARK 0x4c494e00u

struct line { uint64_t phys, instruction; };   /* phys + 1: 0 is a free place */

/** Of one CPU and section; the CPU's thread alone writes it */
struct set {
	uint32_t    n;
	bool        full;
	uint64_t    writes, beside;
	struct line line[LINES];
};

int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static struct set *sets[SECTIONS][CPUS];
static unsigned volatile section[CPUS];        /* 0: none */
static char out[4096];

static struct line *place(struct set *set, uint64_t phys)
{
	uint64_t at = phys * 0x9e3779b97f4a7c15 >> 50;
	while (set->line[at].phys && set->line[at].phys != phys + 1)
		at = (at + 1) % LINES;
	return &set->line[at];
}

static void add(struct set *set, uint64_t phys, uint64_t instruction)
{
	struct line *const line = place(set, phys);
	if (line->phys)
		return;
	if (set->n >= LINES / 2) {
		set->full = true;
		return;
	}
	*line = (struct line) { phys + 1, instruction };
	set->n++;
}

static bool beside(unsigned cpu)
{
	for (unsigned other = 0; other < CPUS; other++)
		if (other != cpu && section[other] == section[cpu])
			return true;
	return false;
}

static void wrote(unsigned cpu, uint32_t info, uint64_t virt, void *user)
{
	/* of an instruction that writes, QEMU 7.2 tells what it reads, too */
	if (cpu >= CPUS || !section[cpu] || !qemu_plugin_mem_is_store(info))
		return;
	struct set *const set = sets[section[cpu]][cpu];
	struct qemu_address *const address = qemu_plugin_get_hwaddr(info, virt);
	if (!set || !address || qemu_plugin_hwaddr_is_io(address))
		return;
	uint64_t const phys = qemu_plugin_hwaddr_phys_addr(address);
	uint64_t const last = phys + (1u << qemu_plugin_mem_size_shift(info)) - 1;
	set->writes++;
	set->beside += beside(cpu);
	for (uint64_t l = phys >> LINE_SHIFT; l <= last >> LINE_SHIFT; l++)
		add(set, l << LINE_SHIFT, (uint64_t)(uintptr_t)user);
}

static void marked(unsigned cpu, void *user)
{
	unsigned const n = (unsigned)(uintptr_t)user;
	if (cpu >= CPUS)
		return;
	if (n && !sets[n][cpu])
		sets[n][cpu] = calloc(1, sizeof *sets[n][cpu]);
	section[cpu] = n;
}

/** Number of the section that the instruction begins, 0: ends; -1: neither */
static int mark(struct qemu_instruction const *instruction)
{
	uint32_t value;
	uint8_t const *const bytes = qemu_plugin_insn_data(instruction);
	if (qemu_plugin_insn_size(instruction) != sizeof marker + sizeof value
	    || memcmp(bytes, marker, sizeof marker))
		return -1;
	memcpy(&value, bytes + sizeof marker, sizeof value);
	return value >= MARK && value < MARK + SECTIONS ? (int)(value - MARK) : -1;
}

static void translated(qemu_plugin_id_t id, struct qemu_block *block)
{
	size_t const n = qemu_plugin_tb_n_insns(block);
	for (size_t i = 0; i < n; i++) {
		struct qemu_instruction *const instruction =
			qemu_plugin_tb_get_insn(block, i);
		uint64_t const at = qemu_plugin_insn_vaddr(instruction);
		int const number = mark(instruction);
		if (at >> 63)
			qemu_plugin_register_vcpu_mem_cb(instruction, wrote,
				QEMU_NO_REGISTERS, QEMU_WRITES,
				(void *)(uintptr_t)at);
		else if (number >= 0)
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, marked,
				QEMU_NO_REGISTERS, (void *)(uintptr_t)number);
	}
}

/* -- result -- */

static void tell_shared(FILE *file, unsigned s, struct line const *line,
                        unsigned first)
{
	bool begun = false;
	for (unsigned cpu = first + 1; cpu < CPUS; cpu++) {
		if (!sets[s][cpu])
			continue;
		struct line const *const other = place(sets[s][cpu], line->phys - 1);
		if (!other->phys)
			continue;
		if (!begun)
			fprintf(file, "section %u shared 0x%" PRIx64 ": cpu %u at 0x%"
			        PRIx64, s, line->phys - 1, first, line->instruction);
		fprintf(file, " cpu %u at 0x%" PRIx64, cpu, other->instruction);
		begun = true;
	}
	if (begun)
		fprintf(file, "\n");
}

static void ended(qemu_plugin_id_t id, void *user)
{
	FILE *const file = fopen(out, "w");
	if (!file) {
		perror(out);
		return;
	}
	for (unsigned s = 0; s < SECTIONS; s++)
		for (unsigned cpu = 0; cpu < CPUS; cpu++) {
			struct set const *const set = sets[s][cpu];
			if (!set)
				continue;
			fprintf(file, "section %u cpu %u: %u lines, %" PRIu64
			        " writes, %"
			        PRIu64 " beside another%s\n", s, cpu, set->n,
			        set->writes, set->beside,
			        set->full ? ", too many" : "");
			for (unsigned i = 0; i < LINES; i++)
				if (set->line[i].phys)
					tell_shared(file, s, &set->line[i], cpu);
		}
	if (fclose(file))
		perror(out);
}

int qemu_plugin_install(qemu_plugin_id_t id, struct qemu_info const *info,
                        int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			snprintf(out, sizeof out, "%s", argv[i] + 4);
	if (!*out) {
		fprintf(stderr, "written: out= is needed\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
