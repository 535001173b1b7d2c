/* SPDX-License-Identifier: MIT */
/* A page that can be reached in very many ways, through managed dataspaces */

#include <base/heap.h>
#include <session/rm.h>
#include <util/format.h>
#include "culprit.h"

enum { MAPS = 8, TIMES = 12, PAGE = 4096 };

/** Attach 'inner' side by side in a managed dataspace, that becomes 'inner' */
static enum error widen(struct env *env, struct rm_session *rm,
                        dataspace_cap_t *inner, uint64_t size)
{
	char text[48];
	uint64_t at;
	format_text(text, sizeof text, "rm | size: %lu", TIMES * size);
	enum error error = rm_open(rm, env, &(struct session_args) {
		.text = text, .ram = 32 * 1024 });
	for (unsigned i = 0; i < TIMES && !error; i++)
		error = rm_attach(rm->cap, *inner, i * size, 0, 0,
		                  RM_WRITE | RM_FIXED, &at);
	return error ? error : rm_dataspace(rm->cap, inner);
}

/** Use the ways i, i, i …: each attachment is on one of them */
static void use(uint64_t base)
{
	for (uint64_t i = 0; i < TIMES; i++) {
		uint64_t at = base;
		uint64_t size = PAGE;
		for (unsigned map = 0; map < MAPS; map++, size *= TIMES)
			at += i * size;
		*(uint64_t volatile *)at = i;
	}
}

enum error many_ways(struct env *env)
{
	static struct rm_session rm[MAPS];
	dataspace_cap_t inner;
	uint64_t at = 0, size = PAGE;
	enum error error = ram_alloc(env, PAGE, &inner);
	for (unsigned map = 0; map < MAPS && !error; map++, size *= TIMES)
		error = widen(env, &rm[map], &inner, size);
	if (!error)
		error = rm_attach(env->rm, inner, 0, 0, 0, RM_WRITE, &at);
	if (error)
		return error;
	use(at);
	return rm_detach(rm[0].cap, 0);
}
