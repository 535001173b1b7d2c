/* SPDX-License-Identifier: MIT */
/*
 * Checks of an ELF file
 *
 * The file may be anything. Headers are copied before they are looked at.
 */

#include <util/align.h>
#include <util/string.h>
#include "elf.h"

static enum error corrupt(char const **why, char const *what)
{
	*why = what;
	return ERROR_CORRUPT;
}

static enum error check_header(struct elf_header const *h, size_t size,
                               char const **why)
{
	/* magic, 64 bits, little endian, version 1 */
	static uint8_t const ident[7] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

	if (memcmp(h->ident, ident, sizeof ident))
		return corrupt(why, "no 64-bit little-endian ELF file");
	if (h->machine != ELF_X86_64)
		return corrupt(why, "not for x86-64");
	if (h->type != ELF_DYN)
		return corrupt(why, "not position independent");
	if (h->phentsize != sizeof(struct elf_segment))
		return corrupt(why, "program headers of unknown size");
	if (!h->phnum || h->phnum > ELF_SEGMENTS)
		return corrupt(why, "no or too many program headers");
	if (h->phoff > size || h->phnum * sizeof(struct elf_segment) > size - h->phoff)
		return corrupt(why, "truncated program headers");
	return ERROR_OK;
}

static enum error check_load(struct elf_image *image,
                             struct elf_segment const *s, size_t size,
                             char const **why)
{
	if (s->offset > size || s->filesz > size - s->offset)
		return corrupt(why, "truncated segment");
	if (s->filesz > s->memsz)
		return corrupt(why, "segment is larger in the file than in memory");
	if (s->vaddr > ELF_SPAN_MAX || s->memsz > ELF_SPAN_MAX - s->vaddr)
		return corrupt(why, "segment beyond 1 GiB");
	if ((s->vaddr ^ s->offset) & 4095)
		return corrupt(why, "segment misaligned in the file");
	if (s->flags & ELF_W && s->flags & ELF_X)
		return corrupt(why, "segment both writable and executable");
	if (!(s->flags & ELF_W) && s->memsz != s->filesz)
		return corrupt(why, "read-only segment larger than its content");
	if (align_down(s->vaddr, 4096) < image->span)
		return corrupt(why, "segments overlap or are not in order");
	image->load[image->n_load++] = *s;
	image->span = align_up(s->vaddr + s->memsz, 4096);
	return ERROR_OK;
}

/** Whether [at, + size) is part of a load, with the given flags */
static bool inside(struct elf_image const *image, uint64_t at, uint64_t size,
                   uint32_t flags)
{
	for (uint32_t i = 0; i < image->n_load; i++) {
		struct elf_segment const *const s = &image->load[i];
		if (at >= s->vaddr && at - s->vaddr <= s->memsz
		    && size <= s->memsz - (at - s->vaddr))
			return (s->flags & flags) == flags;
	}
	return false;
}

static enum error check_special(struct elf_image *image,
                                struct elf_segment const *s, char const **why)
{
	switch (s->type) {
	case ELF_INTERP:
		return corrupt(why, "asks for an interpreter");
	case ELF_DYNAMIC:
		if (s->vaddr % 8 || !inside(image, s->vaddr, s->memsz, ELF_R))
			return corrupt(why, "dynamic section out of bounds");
		image->dynamic      = s->vaddr;
		image->dynamic_size = s->memsz;
		break;
	case ELF_TLS:
		if (s->filesz > s->memsz || s->memsz > 64 * 1024
		    || s->align > 64 || (s->align & (s->align - 1))
		    || !inside(image, s->vaddr, s->filesz, ELF_R))
			return corrupt(why, "thread-local storage out of bounds");
		image->tls       = s->vaddr;
		image->tls_file  = s->filesz;
		image->tls_size  = s->memsz;
		image->tls_align = s->align ? s->align : 1;
		break;
	default:
		break;
	}
	return ERROR_OK;
}

enum error elf_check(struct elf_image *image, void const *data, size_t size,
                     char const **why)
{
	struct elf_header header;
	struct elf_segment segments[ELF_SEGMENTS];

	*image = (struct elf_image) { 0 };
	if (size < sizeof header)
		return corrupt(why, "shorter than an ELF header");
	memcpy(&header, data, sizeof header);
	enum error error = check_header(&header, size, why);
	if (error)
		return error;
	memcpy(segments, (char const *)data + header.phoff,
	       header.phnum * sizeof *segments);

	for (unsigned i = 0; i < header.phnum && !error; i++)
		if (segments[i].type == ELF_LOAD && segments[i].memsz)
			error = check_load(image, &segments[i], size, why);
	if (!error && !image->n_load)
		error = corrupt(why, "nothing to load");
	for (unsigned i = 0; i < header.phnum && !error; i++)
		error = check_special(image, &segments[i], why);
	return error;
}
