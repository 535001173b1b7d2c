/* SPDX-License-Identifier: MIT */
/**
 * Loaded objects: the program and the shared libraries it needs
 */
#pragma once

#include <base/env.h>
#include <base/rom.h>
#include "elf.h"

enum { LINK_OBJECTS = 16, LINK_NAME = 48 };

/** Tables of a loaded object, addresses in the component */
struct link_object {
	char     name[LINK_NAME];
	uint64_t base, span;
	struct elf_image image;

	char const              *strings;
	size_t                   strings_size;
	struct elf_symbol const *symbols;
	uint32_t const          *hash;        /* System V hash table, checked */
	uint32_t                 n_symbols;
	struct elf_relocation const *relocations;
	size_t                   n_relocations;
	uint64_t const          *init_array;
	size_t                   n_init;
	uint64_t                 tls_offset;  /* below struct thread_self */
};

/** A name that 'ld' exports */
struct ld_symbol { char const *name; void *address; };
extern struct ld_symbol const ld_symbols[];
extern uint64_t const ld_symbols_count;

/**
 * Load the program of ROM 'binary', what it needs, and relocate all of it
 *
 * Problems are logged with the name of the file. Returns CORRUPT, NOT_FOUND (a
 * library or symbol), NO_RAM, LIMIT.
 */
enum error link_program(struct env *env, rom_cap_t binary) MUST_USE;

/** Address of a symbol of the loaded objects, NULL: none defines it */
void *link_symbol(char const *name);

/** Run the constructors, libraries first */
void link_construct(void);

/* tls.c */

/** Give each object its place in front of struct thread_self. Returns LIMIT */
enum error tls_layout(struct link_object *objects, unsigned count) MUST_USE;

/** Move the calling thread's control block to one with thread-local storage */
enum error tls_install(struct env *env) MUST_USE;
