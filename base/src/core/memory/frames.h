/* SPDX-License-Identifier: MIT */
/**
 * Page frames, each charged to an account, and lists of what was taken
 *
 * The accounts' limits never add up to more than there is; that physical memory
 * is short although the account is not can only be due to fragmentation of a
 * contiguous allocation, or to names that core's kernel memory once needed.
 */
#pragma once

#include <base/internal/account.h>
#include "memory/arena.h"
#include "memory/range.h"

/** All physical memory that core hands out */
extern struct ranges physical;

/** Contiguous frames, not wiped. Returns NO_RAM */
enum error frames_alloc(struct account *account, uint64_t size, uint64_t *phys) MUST_USE;
void frames_free(struct account *account, uint64_t phys, uint64_t size);

/** One wiped frame; NULL: no RAM */
void *frame_alloc(struct account *account, uint64_t *phys);

enum { FRAME_RUNS = 26 };

/** Part of a list; a run is phys | number of frames - 1 */
struct frame_runs {
	struct frame_runs *next;
	uint64_t           count;
	uint64_t           run[FRAME_RUNS];
};

/** What somebody else uses (the kernel, a thread's stack) until all is freed */
struct frame_list { struct frame_runs *first; uint64_t frames, parts; };

/** What it costs: the frames, and the objects in the arena that name them */
static inline size_t frame_list_ram(struct frame_list const *list)
{
	return list->frames * PAGE_SIZE + list->parts * sizeof(struct frame_runs);
}

/**
 * Allocate 'frames' (at most 4096) contiguous frames and note them; NO_RAM
 *
 * 'arena' pays for both.
 */
enum error frame_list_alloc(struct frame_list *list, struct arena *arena,
                            unsigned frames, uint64_t *phys) MUST_USE;

/** Give back the frame at 'phys', which was the last one to come */
void frame_list_undo(struct frame_list *list, struct arena *arena, uint64_t phys);

/** Free all of them */
void frame_list_free(struct frame_list *list, struct arena *arena);

/** Free as many as a handler may; false: some are left (work.h) */
bool frame_list_free_some(struct frame_list *list, struct arena *arena) MUST_USE;
