/* SPDX-License-Identifier: MIT */
/*
 * Static thread-local storage: variant II of the ELF TLS specification
 *
 * The variables of all objects lie in front of struct thread_self, those of the
 * program next to it.
 */

/* public */
#include <base/heap.h>
#include <util/align.h>
#include <util/string.h>

/* internal */
#include <base/internal/base_state.h>
#include <base/internal/sys.h>
#include <base/internal/thread_self.h>

/* local */
#include "link.h"

enum { TLS_MAX = 256 * 1024 };

static struct link_object *tls_objects;
static unsigned            n_tls_objects;

static void fill(void *end)
{
	for (unsigned i = 0; i < n_tls_objects; i++) {
		struct link_object const *const o = &tls_objects[i];
		if (o->image.tls_size)
			memcpy((char *)end - o->tls_offset,
			       (void const *)(o->base + o->image.tls),
			       o->image.tls_file);
	}
}

enum error tls_layout(struct link_object *objects, unsigned count)
{
	uint64_t size = 0;
	for (unsigned i = 0; i < count; i++) {
		struct elf_image const *const image = &objects[i].image;
		if (!image->tls_size)
			continue;
		size = align_up(size + image->tls_size, image->tls_align);
		objects[i].tls_offset = size;
		if (size > TLS_MAX)
			return ERROR_LIMIT;
	}
	tls_objects   = objects;
	n_tls_objects = count;
	base_state.tls = (struct tls_layout) { .size = size, .init = fill };
	return ERROR_OK;
}

enum error tls_install(struct env *env)
{
	size_t const tls = base_state.tls.size;
	if (!tls)
		return ERROR_OK;
	/* stays as long as the component; aligned for whatever variables want */
	char *const memory = heap_alloc(env->heap,
		tls + 64 + sizeof(struct thread_self));
	if (!memory)
		return ERROR_NO_RAM;
	struct thread_self *const self = (struct thread_self *)
		align_up((uint64_t)memory + tls, 64);
	*self = *thread_self();
	self->self = self;
	fill(self);
	return sys_tls(self);
}
