/* SPDX-License-Identifier: MIT */
/*
 * Dynamic linker: map, look up, relocate; everything at start, nothing lazily
 *
 * All of it happens inside the component, with what the component could do
 * anyway, so that a hostile file harms nobody else. The checks here are for
 * clear messages: a table that points elsewhere is refused rather than followed.
 */

/* public */
#include <base/heap.h>
#include <base/log.h>
#include <session/pd.h>
#include <session/rm.h>
#include <session/rom.h>
#include <util/align.h>
#include <util/minmax.h>
#include <util/string.h>

/* internal */
#include <base/internal/base_state.h>

/* local */
#include "link.h"

/* Dynamic section: tags (System V ABI, 5) */
enum { DT_NULL, DT_NEEDED, DT_PLTRELSZ, DT_PLTGOT, DT_HASH, DT_STRTAB,
       DT_SYMTAB, DT_RELA, DT_RELASZ, DT_RELAENT, DT_STRSZ, DT_SYMENT,
       DT_TEXTREL = 22, DT_JMPREL = 23, DT_INIT_ARRAY = 25,
       DT_INIT_ARRAYSZ = 27, DT_TAGS = 32 };

/* Relocations (AMD64 supplement, 4.4.1) */
enum { R_NONE = 0, R_64 = 1, R_GLOB_DAT = 6, R_JUMP_SLOT = 7, R_RELATIVE = 8,
       R_DTPMOD64 = 16, R_TPOFF64 = 18 };

/* Where programs and libraries go, one after the other */
#define LINK_BASE 0x10000000ul

static struct link_object objects[LINK_OBJECTS];
static unsigned n_objects;

/** Those that are complete, each behind what it needs */
static struct link_object *to_construct[LINK_OBJECTS];
static unsigned n_to_construct;

static uint64_t next_base = LINK_BASE;

static enum error bad(struct link_object const *o, char const *why)
{
	log_error("%s: %s", o->name, why);
	return ERROR_CORRUPT;
}

/* -- mapping -- */

/** Writable segment: private memory, filled from the file's copy at 'file' */
static enum error map_private(struct env *env, struct link_object *o,
                              struct elf_segment const *s, char const *file)
{
	uint64_t const start = align_down(o->base + s->vaddr, 4096);
	uint64_t const end   = align_up(o->base + s->vaddr + s->memsz, 4096);
	dataspace_cap_t ds;
	uint64_t at;

	enum error error = ram_alloc(env, end - start, &ds);
	if (error)
		return error;
	error = rm_attach(env->rm, ds, start, 0, 0, RM_FIXED | RM_WRITE, &at);
	if (error) {
		ram_free(env, ds);
		return error;
	}
	/* the memory stays: it is part of the program */
	memcpy((void *)(o->base + s->vaddr), file + s->offset, s->filesz);
	return ERROR_OK;
}

/** Read-only segment: pages of the file itself, shared with other components */
static enum error map_shared(struct env *env, struct link_object const *o,
                             struct elf_segment const *s, dataspace_cap_t ds)
{
	uint64_t const before = s->vaddr & 4095;
	uint64_t at;
	return rm_attach(env->rm, ds, o->base + s->vaddr - before,
	                 s->offset - before, align_up(s->filesz + before, 4096),
	                 RM_FIXED | (s->flags & ELF_X ? RM_EXEC : RM_READ), &at);
}

static enum error map(struct env *env, struct link_object *o,
                      dataspace_cap_t ds, void const *file, size_t size)
{
	char const *why = "";
	enum error error = elf_check(&o->image, file, size, &why);
	if (error)
		return bad(o, why);
	o->base    = next_base;
	o->span    = o->image.span;
	next_base += o->span + 4096;
	for (uint32_t i = 0; i < o->image.n_load && !error; i++) {
		struct elf_segment const *const s = &o->image.load[i];
		error = s->flags & ELF_W ? map_private(env, o, s, file)
		                         : map_shared(env, o, s, ds);
	}
	if (error)
		log_error("%s: cannot be mapped: %s", o->name, error_text(error));
	return error;
}

static enum error load(struct env *env, struct link_object *o, rom_cap_t rom)
{
	dataspace_cap_t ds;
	uint64_t size;
	void *file;

	enum error error = rom_dataspace(rom, &ds, &size);
	if (!error) {
		error = ram_attach_part(env, ds, size, false, &file);
		if (!error) {
			error = map(env, o, ds, file, size);
			ram_detach(env, file);
		} else {
			log_error("%s: cannot be read: %s", o->name, error_text(error));
		}
		cap_drop(ds.cap);
	} else {
		log_error("%s: no content: %s", o->name, error_text(error));
	}
	return error;
}

/* -- tables -- */

/** Whether [at, + size) relative to the base is in a readable segment */
static bool inside(struct link_object const *o, uint64_t at, uint64_t size)
{
	for (uint32_t i = 0; i < o->image.n_load; i++) {
		struct elf_segment const *const s = &o->image.load[i];
		if (at >= s->vaddr && at - s->vaddr <= s->memsz
		    && size <= s->memsz - (at - s->vaddr))
			return true;
	}
	return false;
}

static bool writable(struct link_object const *o, uint64_t at)
{
	for (uint32_t i = 0; i < o->image.n_load; i++) {
		struct elf_segment const *const s = &o->image.load[i];
		if (at >= s->vaddr && s->memsz >= 8 && at - s->vaddr <= s->memsz - 8)
			return s->flags & ELF_W;
	}
	return false;
}

static enum error read_hash(struct link_object *o, uint64_t at)
{
	uint32_t const *const hash = (uint32_t const *)(o->base + at);
	if (at % 4 || !inside(o, at, 8))
		return bad(o, "hash table out of bounds");
	uint64_t const words = 2 + (uint64_t)hash[0] + hash[1];
	if (!hash[0] || !inside(o, at, words * 4))
		return bad(o, "hash table out of bounds");
	o->hash      = hash;
	o->n_symbols = hash[1];
	return ERROR_OK;
}

static enum error read_tables(struct link_object *o, uint64_t const *tag)
{
	if (tag[DT_TEXTREL])
		return bad(o, "relocations in read-only segments");
	if (tag[DT_JMPREL] && tag[DT_PLTRELSZ])
		return bad(o, "lazy binding is not supported");
	if (!inside(o, tag[DT_STRTAB], tag[DT_STRSZ]) || !tag[DT_STRSZ])
		return bad(o, "string table out of bounds");
	o->strings      = (char const *)(o->base + tag[DT_STRTAB]);
	o->strings_size = tag[DT_STRSZ];
	if (o->strings[o->strings_size - 1])
		return bad(o, "string table without end");

	enum error const error = read_hash(o, tag[DT_HASH]);
	if (error)
		return error;
	if (tag[DT_SYMTAB] % 8
	    || !inside(o, tag[DT_SYMTAB],
	               (uint64_t)o->n_symbols * sizeof *o->symbols))
		return bad(o, "symbol table out of bounds");
	o->symbols = (struct elf_symbol const *)(o->base + tag[DT_SYMTAB]);

	if (tag[DT_RELA] % 8 || tag[DT_RELASZ] % sizeof *o->relocations
	    || (tag[DT_RELASZ] && !inside(o, tag[DT_RELA], tag[DT_RELASZ])))
		return bad(o, "relocations out of bounds");
	o->relocations   = (struct elf_relocation const *)(o->base + tag[DT_RELA]);
	o->n_relocations = tag[DT_RELASZ] / sizeof *o->relocations;

	if (tag[DT_INIT_ARRAY] % 8
	    || (tag[DT_INIT_ARRAYSZ]
	        && !inside(o, tag[DT_INIT_ARRAY], tag[DT_INIT_ARRAYSZ])))
		return bad(o, "constructors out of bounds");
	o->init_array = (uint64_t const *)(o->base + tag[DT_INIT_ARRAY]);
	o->n_init     = tag[DT_INIT_ARRAYSZ] / 8;
	return ERROR_OK;
}

static char const *string(struct link_object const *o, uint64_t at)
{
	return at < o->strings_size ? o->strings + at : "";
}

static enum error load_named(struct env *env, char const *name);

/** Load what 'o' needs, unless it is there */
static enum error load_needed(struct env *env, struct link_object *o)
{
	struct elf_dynamic const *const d =
		(struct elf_dynamic const *)(o->base + o->image.dynamic);
	size_t const count = o->image.dynamic_size / sizeof *d;
	enum error error = ERROR_OK;
	for (size_t i = 0; i < count && d[i].tag != DT_NULL && !error; i++)
		if (d[i].tag == DT_NEEDED)
			error = load_named(env, string(o, d[i].value));
	return error;
}

static enum error read_dynamic(struct link_object *o)
{
	struct elf_dynamic const *const d =
		(struct elf_dynamic const *)(o->base + o->image.dynamic);
	size_t const count = o->image.dynamic_size / sizeof *d;
	uint64_t tag[DT_TAGS] = { 0 };

	if (!count)
		return bad(o, "no dynamic section");
	for (size_t i = 0; i < count && d[i].tag != DT_NULL; i++)
		if (d[i].tag < DT_TAGS)
			tag[d[i].tag] = d[i].value;
	return read_tables(o, tag);
}

static enum error load_object(struct env *env, char const *name, rom_cap_t rom)
{
	if (n_objects == LINK_OBJECTS) {
		log_error("%s: more than %u shared libraries", name, LINK_OBJECTS);
		return ERROR_LIMIT;
	}
	struct link_object *const o = &objects[n_objects++];
	string_copy(o->name, sizeof o->name, name);
	enum error error = load(env, o, rom);
	if (!error)
		error = read_dynamic(o);
	if (!error)
		error = load_needed(env, o);
	if (!error)
		to_construct[n_to_construct++] = o;
	return error;
}

static enum error load_named(struct env *env, char const *name)
{
	if (string_equal(name, "ld.lib.so"))
		return ERROR_OK;
	for (unsigned i = 0; i < n_objects; i++)
		if (string_equal(objects[i].name, name))
			return ERROR_OK;

	struct rom_session rom;
	enum error error = rom_open(&rom, env,
	                            &(struct session_args) { .label = name });
	if (error) {
		log_error("shared library %s: %s", name, error_text(error));
		return error;
	}
	/* the session stays open as long as the library is mapped */
	return load_object(env, name, rom.cap);
}

/* -- symbols -- */

static void *ld_lookup(char const *name)
{
	uint64_t low = 0, high = ld_symbols_count;
	while (low < high) {
		uint64_t const middle = (low + high) / 2;
		int const order = strcmp(name, ld_symbols[middle].name);
		if (!order)
			return ld_symbols[middle].address;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/** System V ABI, 5: hash table */
static uint32_t hash_of(char const *name)
{
	uint32_t h = 0;
	for (; *name; name++) {
		h = (h << 4) + (unsigned char)*name;
		h ^= h >> 24 & 0xf0;
		h &= 0x0fffffff;
	}
	return h;
}

static struct elf_symbol const *defined_in(struct link_object const *o,
                                           char const *name, uint32_t hash)
{
	uint32_t const buckets = o->hash[0];
	uint32_t const *const bucket = o->hash + 2;
	uint32_t const *const chain = bucket + buckets;
	uint32_t i = bucket[hash % buckets];
	/* a chain in a circle ends after as many steps as there are symbols */
	for (uint32_t n = 0; i && i < o->n_symbols && n < o->n_symbols; n++) {
		struct elf_symbol const *const s = &o->symbols[i];
		if (s->section && string_equal(string(o, s->name), name))
			return s;
		i = chain[i];
	}
	return NULL;
}

void *link_symbol(char const *name)
{
	uint32_t const hash = hash_of(name);
	for (unsigned i = 0; i < n_objects; i++) {
		struct elf_symbol const *const s =
			defined_in(&objects[i], name, hash);
		if (s && inside(&objects[i], s->value, 1))
			return (void *)(objects[i].base + s->value);
	}
	return NULL;
}

enum { BIND_WEAK = 2 };

/** Address of the symbol that a relocation of 'o' refers to */
static enum error resolve(struct link_object const *o, uint32_t index,
                          uint64_t *address)
{
	*address = 0;
	if (!index)
		return ERROR_OK;
	if (index >= o->n_symbols)
		return bad(o, "relocation to a symbol that does not exist");
	struct elf_symbol const *const s = &o->symbols[index];
	if (s->section) {
		*address = o->base + s->value;
		return ERROR_OK;
	}
	char const *const name = string(o, s->name);
	void *found = ld_lookup(name);
	if (!found)
		found = link_symbol(name);
	if (!found && s->info >> 4 != BIND_WEAK) {
		log_error("%s: nothing defines the symbol %s", o->name, name);
		return ERROR_NOT_FOUND;
	}
	*address = (uint64_t)found;
	return ERROR_OK;
}

/** Offset of thread-local symbol 'index' from struct thread_self: negative */
static enum error tls_offset(struct link_object const *o, uint32_t index,
                             uint64_t *offset)
{
	struct link_object const *owner = o;
	struct elf_symbol const *s = NULL;
	if (index >= o->n_symbols)
		return bad(o, "relocation to a symbol that does not exist");
	if (index) {
		s = &o->symbols[index];
		if (!s->section) {
			char const *const name = string(o, s->name);
			uint32_t const hash = hash_of(name);
			s = NULL;
			for (unsigned i = 0; i < n_objects && !s; i++) {
				owner = &objects[i];
				s = defined_in(owner, name, hash);
			}
			if (!s) {
				log_error("%s: nothing defines the symbol %s", o->name, name);
				return ERROR_NOT_FOUND;
			}
		}
	}
	*offset = (s ? s->value : 0) - owner->tls_offset;
	return ERROR_OK;
}

static enum error relocate_one(struct link_object const *o,
                               struct elf_relocation const *r)
{
	uint64_t *const target = (uint64_t *)(o->base + r->offset);
	uint32_t const index = (uint32_t)(r->info >> 32);
	uint64_t value = 0;
	enum error error = ERROR_OK;

	if (!writable(o, r->offset))
		return bad(o, "relocation out of bounds");
	switch ((uint32_t)r->info) {
	case R_NONE:
		return ERROR_OK;
	case R_RELATIVE:
		value = o->base;
		break;
	case R_64:
	case R_GLOB_DAT:
	case R_JUMP_SLOT:
		error = resolve(o, index, &value);
		break;
	case R_TPOFF64:
		error = tls_offset(o, index, &value);
		break;
	default:
		log_error("%s: relocation of unknown type %u", o->name,
		          (uint32_t)r->info);
		return ERROR_CORRUPT;
	}
	if (!error)
		*target = value + (uint64_t)r->addend;
	return error;
}

enum error link_program(struct env *env, rom_cap_t binary)
{
	enum error error = load_object(env, "program", binary);
	if (!error)
		error = tls_layout(objects, n_objects);
	for (unsigned i = 0; i < n_objects && !error; i++)
		for (size_t r = 0; r < objects[i].n_relocations && !error; r++)
			error = relocate_one(&objects[i], &objects[i].relocations[r]);
	return error;
}

void link_construct(void)
{
	for (unsigned i = 0; i < n_to_construct; i++)
		for (size_t c = 0; c < to_construct[i]->n_init; c++)
			((void (*)(void))to_construct[i]->init_array[c])();
}
