/* SPDX-License-Identifier: MIT */
/* Memory: dataspaces of all kinds, and places where they are seen */

/* public */
#include <base/component.h>
#include <base/heap.h>
#include <session/pd.h>
#include <session/rm.h>
#include <util/minmax.h>

/* local */
#include "exhaust.h"

enum { PAGE = 4096, MIB = 1 << 20 };

static dataspace_cap_t page, last;

static enum error one_page(struct env *env)
{
	enum error const error = ram_alloc(env, PAGE, &page);
	last = page;
	return error;
}

/* -- dataspaces -- */

static enum error take(struct env *env, uint64_t size, uint32_t flags)
{
	dataspace_cap_t ds;
	return pd_ram_alloc(env->pd, size, flags, &ds);
}

static enum error ram(struct env *env, unsigned n)
{
	return take(env, PAGE, 0);
}

static enum error ram_large(struct env *env, unsigned n)
{
	return take(env, 2 * MIB, 0);
}

static enum error contiguous(struct env *env, unsigned n)
{
	return take(env, 16 * PAGE, PD_RAM_CONTIGUOUS);
}

static enum error uncached(struct env *env, unsigned n)
{
	return take(env, PAGE, n & 1 ? PD_RAM_UNCACHED : PD_RAM_WRITE_COMBINED);
}

static enum error clone(struct env *env, unsigned n)
{
	dataspace_cap_t ds;
	return pd_ram_clone(env->pd, page, &ds);
}

/** Each is the clone of the former, whose page is written in between */
static enum error clone_chain(struct env *env, unsigned n)
{
	void *at = NULL;
	enum error error = pd_ram_clone(env->pd, last, &last);
	if (!error)
		error = ram_attach(env, last, true, &at);
	if (error)
		return error;
	*(unsigned *)at = n;
	ram_detach(env, at);
	return ERROR_OK;
}

static enum error view(struct env *env, unsigned n)
{
	dataspace_cap_t ds;
	return pd_ram_view(env->pd, page, &ds);
}

static enum error view_chain(struct env *env, unsigned n)
{
	return pd_ram_view(env->pd, last, &last);
}

/* -- attachments -- */

static struct rm_session map, maps[16];

static enum error attach_page(rm_cap_t rm, uint64_t at, uint32_t flags)
{
	uint64_t address;
	return rm_attach(rm, page, at, 0, 0, flags, &address);
}

static enum error attachment(struct env *env, unsigned n)
{
	return attach_page(env->rm, 0, RM_WRITE);
}

/** A page table for each, and one more word of it each time it is looked at */
static enum error sparse(struct env *env, unsigned n)
{
	uint64_t const at = 0x4000000000 + n * 1024ul * MIB;
	enum error const error = attach_page(env->rm, at, RM_WRITE | RM_FIXED);
	if (!error)
		*(unsigned volatile *)at = n;
	return error;
}

static enum error managed(struct env *env)
{
	enum error const error = one_page(env);
	return error ? error : rm_open(&map, env, NULL);
}

static enum error region(struct env *env, unsigned n)
{
	return attach_page(map.cap, 0, RM_WRITE);
}

static enum error full_map(struct env *env)
{
	enum error const error = one_page(env);
	return error ? error : rm_open(&map, env, &(struct session_args) {
		.text = "rm | size: 256K", .ram = 64 * 1024 });
}

/** Each map is in the one before it */
static enum error nesting(struct env *env, unsigned n)
{
	dataspace_cap_t ds;
	uint64_t at;
	struct rm_session *const inner = &maps[min(n, 15u)];
	enum error error = inner->cap.cap ? ERROR_OK : rm_open(inner, env, NULL);
	if (!error)
		error = rm_dataspace(n ? maps[n - 1].cap : inner->cap, &ds);
	return error || !n ? error
	     : rm_attach(inner->cap, ds, 0, 0, PAGE, RM_WRITE, &at);
}

struct resource const memory_resources[] = {
	{ "ram",         NULL,     ram,         END_ACCOUNT },
	{ "ram_large",   NULL,     ram_large,   END_ACCOUNT },
	{ "contiguous",  NULL,     contiguous,  END_ACCOUNT },
	{ "uncached",    NULL,     uncached,    END_ACCOUNT },
	{ "clones",      one_page, clone,       END_ACCOUNT | ENDS_BY(LIMIT) },
	{ "clone_chain", one_page, clone_chain, END_ACCOUNT },
	{ "views",       one_page, view,        END_ACCOUNT },
	{ "view_chain",  one_page, view_chain,  END_ACCOUNT },
	{ "attachments", one_page, attachment,  END_ACCOUNT },
	{ "sparse",      one_page, sparse,      END_ACCOUNT },
	{ "regions",     managed,  region,      END_DONATION },
	{ "places",      full_map, region,      ENDS_BY(CONFLICT) },
	{ "nesting",     NULL,     nesting,     ENDS_BY(LIMIT) },
};
unsigned const n_memory_resources =
	sizeof memory_resources / sizeof *memory_resources;
