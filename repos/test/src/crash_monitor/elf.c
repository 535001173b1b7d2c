/* SPDX-License-Identifier: MIT */
/*
 * Damaged programs: a copy of a good one, one thing changed in it
 *
 * Layout by the System V ABI, chapters 4 and 5. The tool chain puts the tables
 * where addresses and file offsets are the same (tool/mk/component.ld).
 */

#include <base/component.h>
#include <base/heap.h>
#include <base/rom.h>
#include <rpc/rom.h>
#include <util/minmax.h>
#include <util/string.h>
#include "child.h"

enum { PHDR_OFFSET = 64, PHDR_SIZE = 56, PHDRS = 6 };

/* members: offset in their table */
enum { CLASS = 4, TYPE = 16, MACHINE = 18, PHOFF = 32, PHENTSIZE = 54, PHNUM = 56 };
enum { P_TYPE = 0, P_FLAGS = 4, P_OFFSET = 8, P_VADDR = 16, P_FILESZ = 32,
       P_MEMSZ = 40 };
enum { R_OFFSET = 0, R_TYPE = 8, R_SYMBOL = 12 };

enum { LOAD_RO, LOAD_TEXT, LOAD_DATA, DYNAMIC, TLS };
enum { DT_NEEDED = 1, DT_HASH = 4, DT_STRTAB, DT_SYMTAB, DT_RELA, DT_RELASZ,
       DT_STRSZ = 10, DT_DEBUG = 21, DT_INIT_ARRAY = 25 };

enum where { SIZE, HEADER, PHDR, TAG, NAME, HASH, RELA, RANDOM };

/** Write 'value' of 'width' bytes to 'member' of entry 'index' of a table */
struct damage {
	char const *kind;
	enum where  where;
	uint32_t    index, member, width;
	uint64_t    value;
};

static struct damage const damages[] = {
	{ "empty",           SIZE,   0, 0, 0, 0 },
	{ "header_cut",      SIZE,   0, 0, 0, 40 },
	{ "segments_cut",    SIZE,   0, 0, 0, 100 },
	{ "text_cut",        SIZE,   0, 0, 0, 0x2800 },
	{ "magic",           HEADER, 0, 0, 1, 0 },
	{ "32_bit",          HEADER, 0, CLASS, 1, 1 },
	{ "machine",         HEADER, 0, MACHINE, 2, 3 },
	{ "fixed",           HEADER, 0, TYPE, 2, 2 },
	{ "segments_far",    HEADER, 0, PHOFF, 8, ~7ul },
	{ "segments_many",   HEADER, 0, PHNUM, 2, 0xffff },
	{ "segments_none",   HEADER, 0, PHNUM, 2, 0 },
	{ "segment_size",    HEADER, 0, PHENTSIZE, 2, 8 },
	{ "interpreter",     PHDR, TLS, P_TYPE, 4, 3 },
	{ "overlap",         PHDR, LOAD_TEXT, P_VADDR, 8, 0 },
	{ "order",           PHDR, LOAD_RO, P_VADDR, 8, 0x10000 },
	{ "write_exec",      PHDR, LOAD_TEXT, P_FLAGS, 4, 7 },
	{ "memory_huge",     PHDR, LOAD_DATA, P_MEMSZ, 8, 1ul << 40 },
	{ "memory_large",    PHDR, LOAD_DATA, P_MEMSZ, 8, 1ul << 29 },
	{ "memory_wraps",    PHDR, LOAD_DATA, P_MEMSZ, 8, ~0ul },
	{ "memory_small",    PHDR, LOAD_DATA, P_MEMSZ, 8, 8 },
	{ "file_huge",       PHDR, LOAD_TEXT, P_FILESZ, 8, ~0ul },
	{ "offset_far",      PHDR, LOAD_TEXT, P_OFFSET, 8, ~0xffful },
	{ "offset_odd",      PHDR, LOAD_TEXT, P_OFFSET, 8, 0x2001 },
	{ "address_kernel",  PHDR, LOAD_DATA, P_VADDR, 8, 0xffffffff80000000 },
	{ "address_wraps",   PHDR, LOAD_DATA, P_VADDR, 8, 0xfffffffff0000000 },
	{ "dynamic_none",    PHDR, DYNAMIC, P_TYPE, 4, 0 },
	{ "dynamic_far",     PHDR, DYNAMIC, P_VADDR, 8, 0x800000 },
	{ "dynamic_long",    PHDR, DYNAMIC, P_MEMSZ, 8, ~7ul },
	{ "tls_huge",        PHDR, TLS, P_MEMSZ, 8, 1ul << 40 },
	{ "hash_far",        TAG, DT_HASH, 8, 8, 1ul << 46 },
	{ "hash_none",       TAG, DT_HASH, 0, 8, DT_DEBUG },
	{ "hash_no_bucket",  HASH, 0, 0, 4, 0 },
	{ "hash_buckets",    HASH, 0, 0, 4, 0xffffffff },
	{ "hash_chains",     HASH, 1, 0, 4, 0xffffffff },
	{ "strings_far",     TAG, DT_STRTAB, 8, 8, ~0ul },
	{ "strings_none",    TAG, DT_STRSZ, 8, 8, 0 },
	{ "strings_long",    TAG, DT_STRSZ, 8, 8, ~0ul },
	{ "symbols_far",     TAG, DT_SYMTAB, 8, 8, 0xffffffff80000000 },
	{ "symbols_none",    TAG, DT_SYMTAB, 0, 8, DT_DEBUG },
	{ "relocations_far", TAG, DT_RELA, 8, 8, ~7ul },
	{ "relocations_odd", TAG, DT_RELASZ, 8, 8, 25 },
	{ "relocation_text", RELA, 0, R_OFFSET, 8, 0x2000 },
	{ "relocation_far",  RELA, 0, R_OFFSET, 8, 0xffffffff80000000 },
	{ "relocation_type", RELA, 0, R_TYPE, 4, 2 },
	{ "relocation_symbol", RELA, 80, R_SYMBOL, 4, 0xffffff },
	{ "library",         TAG, DT_NEEDED, 8, 8, 1 },
	{ "constructor_far", TAG, DT_DEBUG, 0, 8, DT_INIT_ARRAY + 2 },
	{ "no_construct",    NAME, 0, 0, 1, 'C' },
	{ "random",          RANDOM, 0, 0, 0, 0 },
};

static struct env       *the_env;
static struct rom_module good;
static dataspace_cap_t   ds;
static char             *copy;
static size_t            copy_size;
static struct rpc_object rom_object;

static enum error op_dataspace(struct rpc_object *object,
                               dataspace_cap_t *result, uint64_t *size)
{
	*result = ds;
	*size   = copy_size;
	return ERROR_OK;
}

static enum error op_changed(struct rpc_object *object, signal_cap_t handler)
{
	return ERROR_OK;
}

static struct rom_ops const ops = {
	.dataspace = op_dataspace, .changed = op_changed };

enum error elf_init(struct env *env, char const *name)
{
	void *at = NULL;
	the_env = env;
	rom_object_init(&rom_object, &ops);
	enum error error = rom_module_open(&good, env, name);
	if (!error) error = rpc_object_open(&rom_object, env->ep);
	if (!error) error = ram_alloc(env, good.size, &ds);
	if (!error) error = ram_attach(env, ds, true, &at);
	copy = at;
	return error;
}

static uint64_t word(uint64_t offset)
{
	uint64_t value;
	memcpy(&value, copy + offset, sizeof value);
	return value;
}

/** Offset of the first entry with 'tag' in the dynamic section */
static uint64_t dynamic(uint64_t tag)
{
	uint64_t const at = PHDR_OFFSET + DYNAMIC * PHDR_SIZE;
	uint64_t const start = word(at + P_OFFSET), size = word(at + P_FILESZ);
	for (uint64_t offset = start; offset < start + size; offset += 16)
		if (word(offset) == tag)
			return offset;
	return 0;
}

/** Offset of a string in the string table */
static uint64_t string_offset(char const *text)
{
	uint64_t const start = word(dynamic(DT_STRTAB) + 8);
	uint64_t const size  = word(dynamic(DT_STRSZ) + 8);
	uint64_t const length = strlen(text) + 1;
	for (uint64_t i = 0; i + length <= size; i++)
		if (memcmp(copy + start + i, text, length) == 0)
			return start + i;
	return 0;
}

static uint64_t offset_of(struct damage const *d)
{
	switch (d->where) {
	case HEADER: return d->member;
	case PHDR:   return PHDR_OFFSET + d->index * PHDR_SIZE + d->member;
	case TAG:    return dynamic(d->index) + d->member;
	case NAME:   return string_offset("component_construct");
	case HASH:   return word(dynamic(DT_HASH) + 8) + d->index * 4;
	case RELA:   return word(dynamic(DT_RELA) + 8) + d->index * 24 + d->member;
	case SIZE:
	case RANDOM: break;
	}
	return 0;
}

/** A few bytes of headers and tables, or anywhere */
static void damage_randomly(uint64_t seed)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15 + 1;
	uint64_t const dyn = word(PHDR_OFFSET + DYNAMIC * PHDR_SIZE + P_OFFSET);
	for (unsigned i = 0; i <= seed % 3; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		uint64_t const spot = state >> 16;
		uint64_t const at = seed % 4 == 0 ? spot % 400
		                  : seed % 4 == 1 ? dyn + spot % 0x120
		                  : seed % 4 == 2 ? spot % 0x1200
		                                  : spot % copy_size;
		copy[at] = (char)state;
	}
}

enum error elf_damage(char const *kind, uint64_t seed, rom_cap_t *rom)
{
	for (unsigned i = 0; i < sizeof damages / sizeof *damages; i++) {
		struct damage const *const d = &damages[i];
		if (!string_equal(d->kind, kind))
			continue;
		copy_size = good.size;
		memcpy(copy, good.data, copy_size);
		rom->cap = rom_object.cap;
		if (d->where == SIZE)
			copy_size = d->value;
		else if (d->where == RANDOM)
			damage_randomly(seed);
		else
			memcpy(copy + offset_of(d), &d->value, d->width);
		return ERROR_OK;
	}
	return ERROR_NOT_FOUND;
}
