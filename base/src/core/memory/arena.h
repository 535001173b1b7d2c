/* SPDX-License-Identifier: MIT */
/**
 * Small objects of core, in pages that belong to one account only
 *
 * Each session has its own arena. What it costs is therefore exactly its pages,
 * and freeing the arena gives all of them back, whatever was in them. How much of
 * its pages is free depends on the order of things; what is in use does not.
 */
#pragma once

#include <base/internal/account.h>
#include <stddef.h>

struct arena_page;

/** May be moved while 'account' stays valid; zeroed but for it: empty */
struct arena {
	struct account    *account;
	struct arena_page *open;    /* pages with room, in no order */
	struct arena_page *full;    /* no more than one granule is free */
	size_t             kept;    /* bytes of its pages that no object uses */
};

/** The same of all arenas */
extern size_t arena_kept;

/** Largest object */
enum { ARENA_MAX = 4096 - 64 };

/** Zeroed memory; NULL: the account has no RAM, or 'size' exceeds ARENA_MAX */
void *arena_alloc(struct arena *arena, size_t size);

/** Free it; a page that becomes empty goes back to the account */
void arena_free(struct arena *arena, void *object, size_t size);

/** Free everything; 'arena' may not be in its own memory */
void arena_clear(struct arena *arena);
