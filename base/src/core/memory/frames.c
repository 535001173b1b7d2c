/* SPDX-License-Identifier: MIT */
/** Page frames, each charged to an account */

/* public */
#include <util/string.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "memory/frames.h"
#include "work.h"

struct ranges physical;

enum error frames_alloc(struct account *account, uint64_t size, uint64_t *phys)
{
	enum error const error = account_take(account, size, 0);
	if (error)
		return error;
	if (ranges_alloc(&physical, size, PAGE_SIZE, phys))
		return ERROR_OK;
	account_give(account, size, 0);
	return ERROR_NO_RAM;
}

void frames_free(struct account *account, uint64_t phys, uint64_t size)
{
	if (!size)
		return;
	ranges_add(&physical, phys, size);
	account_give(account, size, 0);
}

void *frame_alloc(struct account *account, uint64_t *phys)
{
	if (frames_alloc(account, PAGE_SIZE, phys))
		return NULL;
	return memset(kernel_phys(*phys), 0, PAGE_SIZE);
}

/** Part of the list with room for one more run; NULL: no RAM */
static struct frame_runs *room(struct frame_list *list, struct arena *arena)
{
	if (list->first && list->first->count < FRAME_RUNS)
		return list->first;

	struct frame_runs *const runs = arena_alloc(arena, sizeof *runs);
	if (!runs)
		return NULL;
	runs->next  = list->first;
	list->first = runs;
	list->parts++;
	return runs;
}

/** Frames are taken from the end of ranges, so they often adjoin downwards */
static bool joined(struct frame_runs *runs, uint64_t phys, unsigned frames)
{
	if (!runs->count)
		return false;
	uint64_t *const last = &runs->run[runs->count - 1];
	uint64_t const total = *last % PAGE_SIZE + 1 + frames;
	if (phys + (uint64_t)frames * PAGE_SIZE != (*last & -(uint64_t)PAGE_SIZE)
	 || total > PAGE_SIZE)
		return false;
	*last = phys | (total - 1);
	return true;
}

enum error frame_list_alloc(struct frame_list *list, struct arena *arena,
                            unsigned frames, uint64_t *phys)
{
	struct frame_runs *const runs = room(list, arena);
	if (!runs)
		return ERROR_NO_RAM;
	enum error const error = frames_alloc(
		arena->account, (uint64_t)frames * PAGE_SIZE, phys);
	if (error)
		return error;
	if (!joined(runs, *phys, frames))
		runs->run[runs->count++] = *phys | (frames - 1);
	list->frames += frames;
	return ERROR_OK;
}

void frame_list_undo(struct frame_list *list, struct arena *arena, uint64_t phys)
{
	struct frame_runs *const runs = list->first;
	uint64_t *const last = &runs->run[runs->count - 1];
	if (*last % PAGE_SIZE)
		*last += PAGE_SIZE - 1;
	else
		runs->count--;
	list->frames--;
	frames_free(arena->account, phys, PAGE_SIZE);
}

/** Also a part of the list that was made for a run which did not come */
static void free_last_run(struct frame_list *list, struct arena *arena)
{
	struct frame_runs *const runs = list->first;
	if (runs->count) {
		uint64_t const run    = runs->run[--runs->count];
		uint64_t const frames = run % PAGE_SIZE + 1;
		frames_free(arena->account, run & -(uint64_t)PAGE_SIZE,
		            frames * PAGE_SIZE);
		list->frames -= frames;
	}
	if (runs->count)
		return;
	list->first = runs->next;
	list->parts--;
	arena_free(arena, runs, sizeof *runs);
}

void frame_list_free(struct frame_list *list, struct arena *arena)
{
	while (list->first)
		free_last_run(list, arena);
}

bool frame_list_free_some(struct frame_list *list, struct arena *arena)
{
	while (list->first) {
		if (!work_allowed())
			return false;
		work_spend(WORK_FRAMES);
		free_last_run(list, arena);
	}
	return true;
}
