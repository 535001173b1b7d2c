/* SPDX-License-Identifier: MIT */
/* Dataspaces of the own account, and where they are attached */

/* public */
#include <base/heap.h>
#include <session/pd.h>
#include <session/rm.h>
#include <util/align.h>

/* internal */
#include <base/internal/resource.h>

enum error ram_alloc(struct env *env, size_t size, dataspace_cap_t *ds)
{
	enum error error;
	do error = pd_ram_alloc(env->pd, size, 0, ds);
	while (resource_granted(env, error, size, 1));
	return error;
}

void ram_free(struct env *env, dataspace_cap_t ds)
{
	if (!ds.cap)
		return;
	error_ignore(pd_ram_free(env->pd, ds), "not ours, nothing to free");
	cap_drop(ds.cap);
}

/** The first 'size' bytes; 0: all of it */
static enum error attach(struct env *env, dataspace_cap_t ds, uint64_t size,
                         bool write, void **at)
{
	uint64_t address;
	enum error error;
	do error = rm_attach(env->rm, ds, 0, 0, size,
	                     write ? RM_WRITE : RM_READ, &address);
	while (resource_granted(env, error, 4096, 1));
	if (!error)
		*at = (void *)address;
	return error;
}

enum error ram_attach(struct env *env, dataspace_cap_t ds, bool write, void **at)
{
	return attach(env, ds, 0, write, at);
}

enum error ram_attach_part(struct env *env, dataspace_cap_t ds, uint64_t size,
                           bool write, void **at)
{
	uint64_t const pages = align_up(size, 4096);
	if (!pages)
		return ERROR_CORRUPT;   /* nothing, or more than can be */
	enum error const error = attach(env, ds, pages, write, at);
	if (error != ERROR_INVALID)
		return error;
	return cap_alive(ds.cap) ? ERROR_CORRUPT : ERROR_GONE;
}

void ram_detach(struct env *env, void *at)
{
	if (!at)
		return;
	error_ignore(rm_detach(env->rm, (uint64_t)at), "nothing is there");
}
