/* SPDX-License-Identifier: MIT */
/**
 * Heap: free lists by size class over chunks of memory, one account
 *
 * A chunk is a dataspace. Pieces up to HEAP_SMALL are cut from chunks and go to
 * the list of their class when freed; larger ones are a dataspace each. Locked
 * by a mutex, since threads of a component share its heap.
 */
#pragma once

#include <base/heap.h>
#include <base/thread.h>
#include <base/internal/account.h>
#include <util/list.h>

enum { HEAP_CLASSES = 14, HEAP_SMALL = 2048 };

struct heap {
	struct env     *env;
	struct account *account;
	struct mutex    mutex;
	struct list     chunks;             /* struct heap_chunk, large ones too */
	void           *free[HEAP_CLASSES]; /* first word of a piece: the next one */
	struct heap_chunk *current;         /* what pieces are cut from; NULL: none */
	char           *cut, *cut_end;      /* rest of it */
	size_t          next_chunk;
	size_t          used;
	struct account  own_account;        /* of heaps made by heap_open */
};

/** Empty heap over 'account'; no memory is taken before the first allocation */
void heap_init(struct heap *heap, struct env *env, struct account *account);

/** Heap that lives in its own first chunk, charged to 'account' with it */
struct heap *heap_create(struct env *env, struct account *account,
                         enum error *error);

/** Give back chunks of which nothing is in use */
void heap_trim(struct heap *heap);

/** Free all chunks; 'heap' itself may be in one of them */
void heap_destroy(struct heap *heap);
