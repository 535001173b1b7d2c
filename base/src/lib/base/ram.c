/* SPDX-License-Identifier: MIT */
/* Dataspaces of the own account, and where they are attached */

/* public */
#include <base/heap.h>
#include <session/pd.h>
#include <session/rm.h>

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

enum error ram_attach(struct env *env, dataspace_cap_t ds, bool write, void **at)
{
	uint64_t address;
	enum error error;
	do error = rm_attach(env->rm, ds, 0, 0, 0, write ? RM_WRITE : RM_READ,
	                     &address);
	while (resource_granted(env, error, 4096, 1));
	if (!error)
		*at = (void *)address;
	return error;
}

void ram_detach(struct env *env, void *at)
{
	if (!at)
		return;
	error_ignore(rm_detach(env->rm, (uint64_t)at), "nothing is there");
}
