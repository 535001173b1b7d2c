/* SPDX-License-Identifier: MIT */
/** Boot modules */

/* public */
#include <base/log.h>

/* internal */
#include <core/kernel.h>

/* local */
#include "memory/archive.h"
#include "modules.h"

static struct archive archive;

enum error modules_init(void)
{
	struct boot_info const *const info = kernel_boot_info();
	enum error const error = info->modules_size
		? archive_open(&archive, kernel_phys(info->modules),
		               info->modules_size)
		: ERROR_NOT_FOUND;
	if (error)
		log_error("core: boot image: %s", error_text(error));
	return error;
}

enum error module_find(char const *name, struct module *module)
{
	struct archive_entry const *entry;
	enum error const error = archive_find(&archive, name, &entry);
	if (error == ERROR_CORRUPT)
		log_error("core: boot module \"%s\" is corrupt", name);
	if (!error)
		*module = (struct module) {
			kernel_boot_info()->modules + entry->offset,
			entry->size,
		};
	return error;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

bool modules_ram_overlaps(uint64_t base, uint64_t size)
{
	struct boot_info const *const info = kernel_boot_info();
	if (overlap(base, size, info->modules, info->modules_size))
		return true;
	for (uint32_t i = 0; i < info->n_ranges; i++) {
		struct boot_range const *const r = &info->ranges[i];
		if ((r->type == BOOT_RAM || r->type == BOOT_KERNEL)
		 && overlap(base, size, r->base, r->size))
			return true;
	}
	return false;
}
