/* SPDX-License-Identifier: MIT */
/*
 * Anonymous memory: areas of the address space, pieces of memory in them
 *
 * All of it is in one managed dataspace, since a component cannot reserve
 * addresses of its own region map: what it leaves free there, core uses.
 *
 * An area is what 'mmap' reserved, with an unmapped page behind it; a piece is a
 * dataspace that is attached to a part of an area, when that is to be used. Pages
 * without access cost nothing but the reservation, and accesses to them are faults.
 * What was made accessible stays so, until the whole area is unmapped.
 */

/* public */
#include <base/heap.h>
#include <session/rm.h>
#include <util/align.h>
#include <util/container_of.h>

/* musl */
#include <errno.h>
#include <sys/mman.h>

/* local */
#include "sys.h"

enum { PAGE = 4096, UPGRADE = 8192 };

/* Room for areas: addresses, not memory */
#define ROOM (64ul << 30)
#define SESSION "rm | size: 64G"

struct area {
	struct list_node node;
	uintptr_t        at, end;
	struct list      pieces;  /* by address */
};

struct piece {
	struct list_node node;
	uintptr_t        at, end;
	dataspace_cap_t  ds;
};

static struct mutex      mutex;
static struct list       areas;      /* by address */
static struct rm_session rm;
static uintptr_t         base;       /* [base, + ROOM) shows what is in 'rm' */

enum error memory_open(struct env *env)
{
	dataspace_cap_t ds;
	enum error error = rm_open(&rm, env, &(struct session_args) {
		.label = "libc", .text = SESSION });
	if (error)
		return error;
	error = rm_dataspace(rm.cap, &ds);
	if (!error)
		error = rm_attach(env->rm, ds, 0, 0, 0, RM_WRITE, &base);
	if (error)
		rm_close(&rm);
	return error;
}

long libc_error(enum error error)
{
	return error == ERROR_OK ? 0 : error == ERROR_INVALID ? -EINVAL : -ENOMEM;
}

/* -- pieces -- */

/** Regions are the session's expense */
static enum error attach(dataspace_cap_t ds, uintptr_t at)
{
	uint64_t chosen;
	enum error error;
	do error = rm_attach(rm.cap, ds, at - base, 0, 0, RM_FIXED | RM_WRITE,
	                     &chosen);
	while (error == ERROR_DONATE_RAM && !session_upgrade(&rm.session, UPGRADE, 0));
	return error;
}

static void detach(uintptr_t at)
{
	while (rm_detach(rm.cap, at - base) == ERROR_AGAIN)
		;
}

/** Memory at [at, end), in front of 'next' (NULL: as the last one) */
static enum error piece_add(struct area *area, struct list_node *next,
                            uintptr_t at, uintptr_t end)
{
	struct piece *const piece = heap_alloc(libc_env->heap, sizeof *piece);
	if (!piece)
		return ERROR_NO_RAM;
	*piece = (struct piece) { .at = at, .end = end };
	enum error error = ram_alloc(libc_env, end - at, &piece->ds);
	if (!error) {
		error = attach(piece->ds, at);
		if (!error) {
			if (next)
				list_insert_before(next, &piece->node);
			else
				list_append(&area->pieces, &piece->node);
			return ERROR_OK;
		}
		ram_free(libc_env, piece->ds);
	}
	heap_free(libc_env->heap, piece, sizeof *piece);
	return error;
}

static void pieces_free(struct area *area)
{
	for (struct list_node *n; (n = list_take_first(&area->pieces));) {
		struct piece *const piece = container_of(n, struct piece, node);
		detach(piece->at);
		ram_free(libc_env, piece->ds);
		heap_free(libc_env->heap, piece, sizeof *piece);
	}
}

/** Memory wherever there is none yet in [at, end) of 'area' */
static enum error fill(struct area *area, uintptr_t at, uintptr_t end)
{
	enum error error = ERROR_OK;
	list_for_each(&area->pieces, node) {
		struct piece const *const piece =
			container_of(node, struct piece, node);
		if (piece->end <= at)
			continue;
		if (piece->at >= end)
			return piece_add(area, node, at, end);
		if (piece->at > at)
			error = piece_add(area, node, at, piece->at);
		at = piece->end;
		if (error || at >= end)
			return error;
	}
	return piece_add(area, NULL, at, end);
}

/* -- areas -- */

/** The area that [at, + size) is part of */
static struct area *area_of(uintptr_t at, size_t size)
{
	list_for_each(&areas, node) {
		struct area *const area = container_of(node, struct area, node);
		if (at >= area->at && at < area->end)
			return size <= area->end - at ? area : NULL;
	}
	return NULL;
}

/** Reserve addresses: the lowest gap that is large enough. NULL: no memory */
static struct area *area_add(size_t size)
{
	uintptr_t at = base;
	struct list_node *next = NULL;
	list_for_each(&areas, node) {
		struct area const *const area =
			container_of(node, struct area, node);
		if (area->at - at >= size + PAGE) {
			next = node;
			break;
		}
		at = area->end + PAGE;
	}
	if (!next && at + size > base + ROOM)
		return NULL;
	struct area *const area = heap_alloc(libc_env->heap, sizeof *area);
	if (!area)
		return NULL;
	*area = (struct area) { .at = at, .end = at + size };
	if (next)
		list_insert_before(next, &area->node);
	else
		list_append(&areas, &area->node);
	return area;
}

static void area_remove(struct area *area)
{
	pieces_free(area);
	list_remove(&area->node);
	heap_free(libc_env->heap, area, sizeof *area);
}

/* -- system calls -- */

static bool known(int protection)
{
	return protection == PROT_NONE || protection == (PROT_READ | PROT_WRITE)
	       || protection == PROT_READ;
}

static long map(size_t size, int protection)
{
	struct area *const area = area_add(size);
	if (!area)
		return -ENOMEM;
	enum error const error = protection == PROT_NONE
		? ERROR_OK : fill(area, area->at, area->end);
	if (error) {
		area_remove(area);
		return libc_error(error);
	}
	return (long)area->at;
}

long memory_map(uintptr_t at, size_t size, int protection, int flags)
{
	int const accepted = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
	if (!size || !known(protection) || !(flags & MAP_ANONYMOUS)
	    || flags & ~accepted)
		return -EINVAL;
	if (!base || size > ROOM)
		return -ENOMEM;
	mutex_lock(&mutex);
	long const result = map(align_up(size, PAGE), protection);
	mutex_unlock(&mutex);
	return result;
}

/** Whether there is memory in [at, end) */
static bool in_use(struct area const *area, uintptr_t at, uintptr_t end)
{
	list_for_each(&area->pieces, node) {
		struct piece const *const piece =
			container_of_const(node, struct piece, node);
		if (piece->at < end && piece->end > at)
			return true;
	}
	return false;
}

static long protect(uintptr_t at, size_t size, int protection)
{
	struct area *const area = area_of(at, size);
	if (!area)
		return -ENOMEM;
	if (protection == PROT_NONE)
		return in_use(area, at, at + size) ? -ENOSYS : 0;
	return libc_error(fill(area, at, at + size));
}

long memory_protect(uintptr_t at, size_t size, int protection)
{
	if (at % PAGE || !known(protection) || size > ROOM)
		return -EINVAL;
	size = align_up(size, PAGE);
	if (!size)
		return 0;
	mutex_lock(&mutex);
	long const result = protect(at, size, protection);
	mutex_unlock(&mutex);
	return result;
}

long memory_unmap(uintptr_t at, size_t size)
{
	if (at % PAGE || !size || size > ROOM)
		return -EINVAL;
	size = align_up(size, PAGE);
	mutex_lock(&mutex);
	struct area *const area = area_of(at, size);
	bool const whole = area && area->at == at && area->end == at + size;
	if (whole)
		area_remove(area);
	mutex_unlock(&mutex);
	return whole ? 0 : -EINVAL;
}
