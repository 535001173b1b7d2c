/* SPDX-License-Identifier: MIT */
/**
 * Started by PVH: QEMU's -kernel, Xen
 *
 * Structures: Xen public/arch-x86/hvm/start_info.h. Runs on the boot tables,
 * which reach the first 4 GiB.
 */

/* Local */
#include "boot.h"

#define START_MAGIC 0x336ec578U

struct start_info {
	uint32_t magic, version, flags, n_modules;
	uint64_t modules, command_line, rsdp;
	uint64_t memory_map;            /* version 1 and later */
	uint32_t memory_map_entries, reserved;
};

struct start_module { uint64_t base, size, command_line, reserved; };
struct start_memory { uint64_t base, size; uint32_t type, reserved; };

enum { MEMORY_MAX = 256 };

static void const *reach(uint64_t phys, uint64_t size, char const *what)
{
	void const *const found = phys ? boot_reach(phys, size) : NULL;
	if (!found)
		panic("start information: bad address %lx of %s", phys, what);
	return found;
}

uint64_t pvh_read(uint64_t info)
{
	struct start_info const *start = reach(info, sizeof *start, "itself");
	if (start->magic != START_MAGIC || start->version < 1)
		panic("start information: magic %x, version %u", start->magic,
		      start->version);
	if (start->memory_map_entries > MEMORY_MAX)
		panic("start information: %u ranges of memory",
		      start->memory_map_entries);

	struct start_memory const *memory =
		reach(start->memory_map,
		      sizeof *memory * start->memory_map_entries, "memory map");
	for (uint32_t i = 0; i < start->memory_map_entries; i++)
		memory_firmware(memory[i].base, memory[i].size, memory[i].type);

	if (start->n_modules) {
		struct start_module const *module =
			reach(start->modules, sizeof *module, "module list");
		boot_info.modules      = module->base;
		boot_info.modules_size = module->size;
	}
	return start->rsdp;
}
