/* SPDX-License-Identifier: MIT */
/** Core, booted on the fake kernel as main.c does it */

#include <base/internal/start.h>
#include <core/kernel.h>
#include <rpc/parent.h>
#include <rpc/pd.h>
#include <test.h>
#include <util/string.h>
#include "booted.h"
#include "component/pd.h"
#include "component/thread.h"
#include "entrypoint.h"
#include "fake_kernel.h"
#include "log.h"
#include "memory/archive.h"
#include "modules.h"
#include "pool.h"
#include "root.h"

/* -- a boot image with an 'ld' -- */

_Alignas(8) char image[IMAGE_SIZE];

struct ph { uint32_t type, flags; uint64_t offset, virt, phys, file, mem, align; };

static void build_elf(char *elf)
{
	uint16_t *const h = (void *)elf;
	uint64_t *const q = (void *)elf;
	memcpy(elf, "\177ELF\2\1\1", 7);
	h[8]  = 2;
	h[9]  = 62;
	q[3]  = 0x200100;
	q[4]  = 64;
	h[27] = 56;
	h[28] = 2;
	struct ph *const ph = (void *)(elf + 64);
	ph[0] = (struct ph) { 1, 5, 0, 0x200000, 0, 4096, 4096, 4096 };
	ph[1] = (struct ph) { 1, 6, 4096, 0x201000, 0, 100, 9000, 4096 };
	memset(elf + 4096, 'd', 100);
}

static void build_image(void)
{
	memset(image, 0, sizeof image);
	uint64_t *const w = (void *)image;
	struct archive_entry *const e = (void *)(image + 64);
	memcpy(image, "ASHLARBI", 8);
	w[1] = 1 | 3ul << 32;
	w[2] = sizeof image;
	string_copy(e[0].name, sizeof e[0].name, "ld");
	string_copy(e[1].name, sizeof e[1].name, "init");
	string_copy(e[2].name, sizeof e[2].name, "damaged");
	build_elf(image + 4096);
	memset(image + 3 * 4096, 'i', 4096);
	for (unsigned i = 0; i < 3; i++) {
		e[i].offset = (uint64_t[]) { 4096, 12288, 16384 }[i];
		e[i].size   = (uint64_t[]) { 8192, 4000, 100 }[i];
		e[i].sum = archive_sum(image + e[i].offset, e[i].size,
		                       e[i].size);
	}
	image[16384] = 1;
	w[3] = archive_sum(e, 3 * sizeof *e, 3);
}

/* -- boot as main.c does, without the loop -- */

static struct account core_account;
static struct arena   core_arena;
parent_cap_t parent;
pd_cap_t     init_pd;

struct thread *init_thread(void)
{
	return container_of(list_first(&root_pd()->threads), struct thread,
	                    by_pd);
}

void boot(void)
{
	static bool booted;
	if (booted)
		return;
	booted = true;
	build_image();
	fake_reset(image, sizeof image);
	ranges_add(&physical, FAKE_BASE, FAKE_RAM - sizeof image);
	root_set_ram_total(physical.free);
	core_account = (struct account) { .ram_limit = 2 << 20,
	                                  .caps_limit = 64 };
	core_arena = (struct arena) { .account = &core_account };
	core_pool  = (struct pool) { .pd = 1, .arena = &core_arena };
	CHECK(log_init() == ERROR_OK);
	CHECK(entrypoint_open() == ERROR_OK);
	CHECK(modules_init() == ERROR_OK);
	CHECK(component_init() == ERROR_OK);
	CHECK(root_start(root_ram_total() - core_account.ram_limit, 1000)
	      == ERROR_OK);
	init_pd.cap = root_pd()->session.object.rpc.cap;
	uint64_t const *const words = kernel_phys(init_thread()->utcb_phys);
	parent.cap = words[START_PARENT];
	object_cap_t cap;
	CHECK(parent_session_state(parent, 1, &cap) == ERROR_OK);
}

enum error open_text(char const *service, char const *label,
                     char const *text, uint64_t ram, uint64_t caps,
                     uint32_t *id, cap_t *cap)
{
	struct parent_donation const donation = { .ram = ram, .caps = caps };
	bool pending;
	object_cap_t object = { 0 };
	enum error const error = parent_session(
		parent, service, label, text, &donation, (signal_cap_t) { 0 },
		id, &pending, &object);
	*cap = object.cap;
	return error;
}

/* -- books -- */

struct books books(void)
{
	struct account const *const a = &root_pd()->session.account;
	return (struct books) {
		a->ram_used, a->caps_used,
		physical.free + core_pool.frames.frames * 4096
		              + root_pd()->pool.frames.frames * 4096,
		root_pd()->pool.frames.frames,
		fake_objects(), fake_mappings(),
	};
}

void balanced(struct books const *before)
{
	struct books const now = books();
	CHECK(now.caps == before->caps);
	CHECK(now.objects == before->objects);
	/* a list of donated frames may have grown */
	CHECK(now.free == before->free
	   || (now.pool > before->pool && now.free + 8192 >= before->free));
	CHECK(fake_check());
}
