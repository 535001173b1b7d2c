/* SPDX-License-Identifier: MIT */
/**
 * Started by a Multiboot2 loader: GRUB, on BIOS or UEFI
 *
 * Structures: Multiboot2 specification 1.6, 3.6. Runs on the boot tables, which
 * reach the first 4 GiB.
 */

/* Public */
#include <util/align.h>

/* Local */
#include "boot.h"

enum { TAG_END = 0, TAG_MODULE = 3, TAG_MEMORY_MAP = 6,
       TAG_RSDP_OLD = 14, TAG_RSDP_NEW = 15 };
enum { INFO_MAX = 1 << 20 };

struct tag { uint32_t type, size; };
struct tag_module { struct tag tag; uint32_t start, end; };
struct tag_memory { struct tag tag; uint32_t entry_size, entry_version; };
struct memory_entry { uint64_t base, size; uint32_t type, reserved; };

static void read_memory(struct tag const *tag)
{
	struct tag_memory const *map = (void const *)tag;
	if (tag->size < sizeof *map ||
	    map->entry_size < sizeof(struct memory_entry) ||
	    map->entry_size % 8)       /* Multiboot2 1.6, section 3.6.8 */
		panic("Multiboot2: malformed memory map");

	uint64_t const entries = (tag->size - sizeof *map) / map->entry_size;
	for (uint64_t i = 0; i < entries; i++) {
		struct memory_entry const *entry =
			(void const *)((char const *)(map + 1) +
			               i * map->entry_size);
		memory_firmware(entry->base, entry->size, entry->type);
	}
}

static void read_module(struct tag const *tag)
{
	struct tag_module const *module = (void const *)tag;
	if (tag->size < sizeof *module || module->end < module->start)
		panic("Multiboot2: malformed module");
	if (boot_info.modules_size)
		return;                /* the first one is ours */
	boot_info.modules      = module->start;
	boot_info.modules_size = module->end - module->start;
}

/** 'rsdp' becomes the address of the tag's copy, the newer one's of two */
static void read_tag(struct tag const *tag, uint64_t *rsdp)
{
	switch (tag->type) {
	case TAG_MEMORY_MAP:
		read_memory(tag);
		break;
	case TAG_MODULE:
		read_module(tag);
		break;
	case TAG_RSDP_OLD:
		*rsdp = *rsdp ? *rsdp : pointer_phys(tag + 1);
		break;
	case TAG_RSDP_NEW:
		*rsdp = pointer_phys(tag + 1);
		break;
	default:
		break;
	}
}

uint64_t multiboot2_read(uint64_t info)
{
	uint32_t const *const total_size = boot_reach(info, sizeof *total_size);
	if (!info || info % 8 || !total_size || *total_size > INFO_MAX ||
	    !boot_reach(info, *total_size))
		panic("Multiboot2: bad information at %lx", info);

	uint32_t const total = *total_size;
	uint64_t rsdp = 0;
	for (uint64_t at = 8; at + sizeof(struct tag) <= total;) {
		struct tag const *tag = phys_pointer(info + at);
		if (tag->size < sizeof *tag || tag->size > total - at)
			panic("Multiboot2: tag %u of %u bytes", tag->type,
			      tag->size);
		if (tag->type == TAG_END)
			return rsdp;
		read_tag(tag, &rsdp);
		at += align_up(tag->size, 8);
	}
	panic("Multiboot2: no end tag");
}
