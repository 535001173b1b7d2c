/* SPDX-License-Identifier: MIT */
/** Check of an ELF file (System V ABI, chapter 4 and 5) */

/* public */
#include <stdbool.h>
#include <util/align.h>
#include <util/string.h>

/* local */
#include "memory/elf.h"
#include "memory/range.h"

struct elf_header {
	uint8_t  ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, program_headers, section_headers;
	uint32_t flags;
	uint16_t size, program_header_size, program_header_count;
	uint16_t section_header_size, section_header_count, section_names;
};

struct program_header {
	uint32_t type, flags;
	uint64_t offset, virt, phys, file_size, memory_size, align;
};

enum { PT_LOAD = 1, PF_X = 1, PF_W = 2, ET_EXEC = 2, EM_X86_64 = 62 };

/* magic, 64 bits, little endian, version 1 */
static char const ident[7] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

static bool header_sane(struct elf_header const *h, size_t size)
{
	return size >= sizeof *h && !memcmp(h->ident, ident, sizeof ident)
	    && h->type == ET_EXEC && h->machine == EM_X86_64
	    && h->program_header_size == sizeof(struct program_header)
	    && h->program_headers % 8 == 0 && h->program_headers <= size
	    && h->program_header_count
	       <= (size - h->program_headers) / sizeof(struct program_header);
}

static bool segment_sane(struct elf_segment const *s, size_t size,
                         uint64_t low, uint64_t high)
{
	bool const writable = s->flags & ELF_WRITE;
	return s->virt >= low && s->virt < high
	    && s->memory_size <= high - s->virt
	    && aligned(s->virt, PAGE_SIZE) && aligned(s->offset, PAGE_SIZE)
	    && s->offset <= size && s->file_size <= size - s->offset
	    && s->file_size <= s->memory_size && s->memory_size
	    && (writable || s->file_size == s->memory_size)
	    && !(writable && s->flags & ELF_EXEC);
}

static uint64_t segment_end(struct elf_segment const *s)
{
	return align_up(s->virt + s->memory_size, PAGE_SIZE);
}

static enum error add(struct elf_image *image, struct program_header const *p,
                      size_t size, uint64_t low, uint64_t high)
{
	struct elf_segment const segment = {
		.virt = p->virt, .offset = p->offset,
		.file_size = p->file_size, .memory_size = p->memory_size,
		.flags = (p->flags & PF_W ? ELF_WRITE : 0u)
		       | (p->flags & PF_X ? ELF_EXEC : 0u),
	};
	if (image->count)
		low = segment_end(&image->segment[image->count - 1]);
	if (image->count == ELF_SEGMENTS
	 || !segment_sane(&segment, size, low, high))
		return ERROR_CORRUPT;
	image->segment[image->count++] = segment;
	return ERROR_OK;
}

static bool executable(struct elf_image const *image, uint64_t address)
{
	for (unsigned i = 0; i < image->count; i++) {
		struct elf_segment const *const s = &image->segment[i];
		if (s->flags & ELF_EXEC && address - s->virt < s->memory_size)
			return true;
	}
	return false;
}

enum error elf_check(struct elf_image *image, void const *data, size_t size,
                     uint64_t low, uint64_t high)
{
	struct elf_header const *const header = data;
	*image = (struct elf_image) { .count = 0 };
	if (!header_sane(header, size))
		return ERROR_CORRUPT;

	struct program_header const *const headers =
		(void const *)((char const *)data + header->program_headers);
	for (unsigned i = 0; i < header->program_header_count; i++) {
		struct program_header const *const p = &headers[i];
		if (p->type != PT_LOAD || !p->memory_size)
			continue;
		if (add(image, p, size, low, high))
			return ERROR_CORRUPT;
	}
	image->entry = header->entry;
	return executable(image, header->entry) ? ERROR_OK : ERROR_CORRUPT;
}
