/* SPDX-License-Identifier: MIT */
/**
 * Core's ELF file: checked, then mapped with each segment's own rights
 *
 * Segments that are not writable stay where the boot image has them. The file
 * is as untrusted as any input, though a bad one leaves nothing to run.
 */

/* Public */
#include <util/align.h>
#include <util/string.h>

/* Internal */
#include <base/internal/boot.h>
#include <kernel/main.h>
#include <kernel/page_table.h>
#include <kernel/panic.h>

/* Local */
#include "core_elf.h"

/* ELF-64 object file format 1.5, figures 2 and 8 */
struct elf_header {
	unsigned char ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, segments, sections;
	uint32_t flags;
	uint16_t header_size, segment_size, n_segments, section_size,
	         n_sections, section_names;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, virt, phys, file_size, size, align;
};

enum { ELF_LOAD = 1, ELF_EXEC = 1, ELF_WRITE = 2, ELF_TYPE_EXEC = 2,
       ELF_MACHINE_X86_64 = 62, SEGMENTS_MAX = 16 };

/* Core's segments lie between its start and where components' maps begin */
#define CORE_END  (LAYOUT_CORE_BASE + 0x10000000)

static _Noreturn void refuse(char const *why)
{
	panic("core: %s", why);
}

static struct elf_header const *header_checked(uint64_t phys, uint64_t size)
{
	/* 64 bits, little endian, version 1 */
	static unsigned char const ident[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	struct elf_header const *const elf = phys_pointer(phys);

	if (size < sizeof *elf || memcmp(elf->ident, ident, sizeof ident) != 0)
		refuse("no ELF file");
	if (elf->machine != ELF_MACHINE_X86_64 || elf->type != ELF_TYPE_EXEC)
		refuse("no executable for this machine");
	if (elf->segment_size != sizeof(struct elf_segment) ||
	    elf->n_segments > SEGMENTS_MAX || elf->segments > size ||
	    elf->n_segments * sizeof(struct elf_segment) > size - elf->segments ||
	    elf->segments % 8)
		refuse("malformed table of segments");
	return elf;
}

static void segment_check(struct elf_segment const *s, uint64_t file_size)
{
	if (s->offset > file_size || s->file_size > file_size - s->offset ||
	    s->file_size > s->size)
		refuse("truncated segment");
	if (s->virt < LAYOUT_CORE_BASE || s->virt > CORE_END ||
	    s->size > CORE_END - s->virt)
		refuse("segment outside of core's addresses");
	if ((s->virt - s->offset) % PAGE_SIZE)
		refuse("segment not aligned as in the file");
	if ((s->flags & (ELF_WRITE | ELF_EXEC)) == (ELF_WRITE | ELF_EXEC))
		refuse("segment both writable and executable");
}

/** Pages with the segment's content, and zeros for what the file has not */
static uint64_t segment_copy(struct elf_segment const *s, uint64_t file,
                             uint64_t pages)
{
	uint64_t const frames = boot_frames(pages);
	memcpy((char *)phys_pointer(frames) + s->virt % PAGE_SIZE,
	       (char const *)phys_pointer(file) + s->offset, s->file_size);
	return frames;
}

static void segment_map(struct elf_segment const *s, uint64_t file)
{
	uint64_t const base = align_down(s->virt, PAGE_SIZE);
	uint64_t const size = align_up(s->virt + s->size, PAGE_SIZE) - base;
	unsigned const flags = (s->flags & ELF_WRITE ? KERNEL_MAP_WRITE : 0U) |
	                       (s->flags & ELF_EXEC ? KERNEL_MAP_EXEC : 0U);

	bool const in_place = !(s->flags & ELF_WRITE) && s->file_size == s->size;
	uint64_t const phys = in_place
		? align_down(file + s->offset, PAGE_SIZE)
		: segment_copy(s, file, size / PAGE_SIZE);
	core_map(base, phys, size, flags);
}

uint64_t core_elf_map(uint64_t phys, uint64_t size)
{
	struct elf_header const *const elf = header_checked(phys, size);
	struct elf_segment const *const segment =
		phys_pointer(phys + elf->segments);
	bool entry_ok = false;

	for (unsigned i = 0; i < elf->n_segments; i++) {
		struct elf_segment const *const s = &segment[i];
		if (s->type != ELF_LOAD || !s->size)
			continue;
		segment_check(s, size);
		segment_map(s, phys);
		entry_ok |= s->flags & ELF_EXEC &&
		            elf->entry - s->virt < s->size;
	}
	if (!entry_ok)
		refuse("entry point not in an executable segment");
	return elf->entry;
}
