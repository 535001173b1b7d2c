/* SPDX-License-Identifier: MIT */
/** What core reports about itself */

/* public */
#include <base/hid.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "clock.h"
#include "component/pd.h"
#include "pool.h"
#include "root.h"
#include "state.h"

static void put_account(struct hid_writer *w, char const *name,
                        struct pool const *pool)
{
	struct account const *const a = pool->arena->account;
	hid_begin(w, "account");
	hid_put_name(w, name);
	hid_put_uint(w, "ram_limit", a->ram_limit);
	hid_put_uint(w, "ram_used", a->ram_used);
	hid_put_uint(w, "ram_kept", pool_kept(pool));
	hid_put_uint(w, "caps_limit", a->caps_limit);
	hid_put_uint(w, "caps_used", a->caps_used);
	hid_end(w);
}

static void put_kernel(struct hid_writer *w, char const *name,
                       struct kernel_pd_info const *info)
{
	hid_begin(w, "kernel");
	hid_put_name(w, name);
	hid_put_uint(w, "frames", info->frames);
	hid_put_uint(w, "free", info->free);
	hid_put_uint(w, "caps", info->caps);
	hid_put_uint(w, "objects", info->objects);
}

static void put_pool(struct hid_writer *w, char const *name,
                     struct pool const *pool)
{
	struct kernel_pd_info info = { 0 };
	error_ignore(kernel_pd_info(pool->pd, &info), "zeros then");
	put_kernel(w, name, &info);
	hid_end(w);
}

static void put_pools(struct hid_writer *w)
{
	struct kernel_pd_info sum;
	unsigned const domains = pool_info_all(&sum);
	put_kernel(w, "all", &sum);
	hid_put_uint(w, "domains", domains);
	hid_end(w);
}

/** Free for others: what core set aside for itself is no part of it */
static uint64_t ram_free(void)
{
	struct account const *const a = core_pool.arena->account;
	return physical.free - (a->ram_limit - a->ram_used);
}

size_t state_write(char *text, size_t size)
{
	struct hid_writer w;
	size_t length = 0;
	hid_writer_init(&w, text, size);
	hid_begin(&w, "core");
	hid_put_uint(&w, "ram_total", root_ram_total());
	hid_put_uint(&w, "ram_free", ram_free());
	hid_put_uint(&w, "ram_used", root_ram_total() - physical.free);
	hid_put_uint(&w, "ram_kept", pool_ram + arena_kept);
	hid_put_uint(&w, "uptime_us",
	             clock_us(clock_tsc() - kernel_boot_info()->tsc_entry));
	hid_put_uint(&w, "cpus", kernel_boot_info()->n_cpus);
	hid_put_uint(&w, "tsc_hz", kernel_boot_info()->tsc_hz);
	put_account(&w, "core", &core_pool);
	put_account(&w, "init", &root_pd()->pool);
	put_pool(&w, "core", &core_pool);
	put_pool(&w, "init", &root_pd()->pool);
	put_pools(&w);
	hid_end(&w);
	return hid_finish(&w, &length) ? 0 : length;
}
