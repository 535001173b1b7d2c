/* SPDX-License-Identifier: MIT */
/**
 * Core's ELF file: mapped with each segment's own rights
 *
 * Segments that are not writable stay where the boot image has them. Its sum was
 * right, so it is what the build made; checked is that we can deal with it.
 */

/* Public */
#include <util/align.h>
#include <util/string.h>

/* Internal */
#include <base/internal/boot.h>
#include <kernel/main.h>
#include <kernel/panic.h>

/* Local */
#include "core.h"

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

/** [offset, + part) lies within 'size' bytes */
static bool within(uint64_t offset, uint64_t part, uint64_t size)
{
	return offset <= size && part <= size - offset;
}

static void segment_map(struct elf_segment const *s, uint64_t file)
{
	uint64_t const base = align_down(s->virt, PAGE_SIZE);
	uint64_t const size = align_up(s->virt + s->size, PAGE_SIZE) - base;
	unsigned const flags = (s->flags & ELF_WRITE ? KERNEL_MAP_WRITE : 0U) |
	                       (s->flags & ELF_EXEC ? KERNEL_MAP_EXEC : 0U);

	uint64_t phys = align_down(file + s->offset, PAGE_SIZE);
	if (s->flags & ELF_WRITE || s->file_size != s->size) {
		phys = boot_frames(size / PAGE_SIZE);
		memcpy((char *)phys_pointer(phys) + s->virt % PAGE_SIZE,
		       phys_pointer(file + s->offset), s->file_size);
	}
	core_map(base, phys, size, flags);
}

uint64_t core_elf_map(uint64_t phys, uint64_t size)
{
	/* 64 bits, little endian, version 1 */
	static unsigned char const ident[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	struct elf_header const *const elf = phys_pointer(phys);

	if (size < sizeof *elf || memcmp(elf->ident, ident, sizeof ident) != 0 ||
	    elf->machine != ELF_MACHINE_X86_64 || elf->type != ELF_TYPE_EXEC)
		panic("core: no executable for this machine");
	if (elf->n_segments > SEGMENTS_MAX || elf->segments % 8 ||
	    !within(elf->segments,
	            elf->n_segments * sizeof(struct elf_segment), size))
		panic("core: malformed table of segments");

	struct elf_segment const *const segments =
		phys_pointer(phys + elf->segments);
	for (unsigned i = 0; i < elf->n_segments; i++) {
		struct elf_segment const *const s = &segments[i];
		if (s->type != ELF_LOAD || !s->size)
			continue;
		if (!within(s->offset, s->file_size, size) ||
		    s->file_size > s->size || s->size > LAYOUT_USER_END ||
		    (s->virt - s->offset) % PAGE_SIZE)
			panic("core: malformed segment %u", i);
		segment_map(s, phys);
	}
	return elf->entry;
}
