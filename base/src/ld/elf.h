/* SPDX-License-Identifier: MIT */
/**
 * ELF files of components and shared libraries: format and checks
 *
 * Constants: System V ABI, chapters 4 and 5; AMD64 supplement, 4.4.
 */
#pragma once

#include <base/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_header {
	uint8_t  ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_dynamic { uint64_t tag, value; };

struct elf_symbol {
	uint32_t name;
	uint8_t  info, other;
	uint16_t section;
	uint64_t value, size;
};

struct elf_relocation { uint64_t offset, info; int64_t addend; };

enum { ELF_DYN = 3, ELF_X86_64 = 62 };
enum { ELF_LOAD = 1, ELF_DYNAMIC = 2, ELF_INTERP = 3, ELF_TLS = 7 };
enum { ELF_X = 1, ELF_W = 2, ELF_R = 4 };

enum { ELF_SEGMENTS = 12 };
#define ELF_SPAN_MAX (1ul << 30)

/** A checked file: what is loaded where, relative to the base address */
struct elf_image {
	struct elf_segment load[ELF_SEGMENTS];
	uint32_t n_load;
	uint64_t span;                  /* bytes from base to the end, in pages */
	uint64_t dynamic, dynamic_size; /* size 0: none */
	uint64_t tls, tls_file, tls_size, tls_align;
};

/**
 * Check the file of 'size' bytes at 'data'
 *
 * Afterwards all loads are inside of the file, on pages of their own, ascending
 * within ELF_SPAN_MAX, none both writable and executable, and dynamic section
 * and TLS template are inside of loads. Returns CORRUPT; 'why' is then a phrase.
 */
enum error elf_check(struct elf_image *image, void const *data, size_t size,
                     char const **why) MUST_USE;
