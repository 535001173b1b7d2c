/* SPDX-License-Identifier: MIT */
/**
 * Memory objects: RAM, boot modules, device memory, region maps as such
 *
 * A dataspace lists its attachments. Before its frames are reused, it is
 * unmapped wherever it was attached. RAM is wiped when it is mapped for the
 * first time, page by page, and in growing steps for who goes through it.
 */
#pragma once

#include <util/list.h>
#include "memory/frames.h"
#include "object.h"

struct region_map;

enum dataspace_kind { DATASPACE_NONE, DATASPACE_RAM, DATASPACE_FIXED,
                      DATASPACE_MANAGED };

/** Contiguous part; it ends where the next one or the dataspace does */
struct extent { uint64_t offset, phys; };

struct dataspace {
	struct object       object;
	struct arena       *arena;       /* pays for all of it; NULL: closed */
	enum dataspace_kind kind;
	bool                writable, contiguous;
	unsigned            map_flags;   /* caching */
	uint64_t            size;
	struct list         attachments;
	struct list_node    by_owner;    /* RAM of a PD */

	/* DATASPACE_MANAGED */
	struct region_map  *map;

	/* frames: DATASPACE_RAM, DATASPACE_FIXED (not ours) */
	uint32_t            extent_count;
	struct extent       extent;      /* the only one, … */
	struct extent     **extents;     /* … or blocks of them, if several */

	/* DATASPACE_RAM: one bit a granule; NULL: all of it is wiped */
	uint64_t           *wiped;
	uint64_t            wiped_word;  /* if that suffices */
	uint64_t            wiped_phys;  /* if it has frames of its own */
	uint32_t            granule;     /* log2 of bytes */
};

/* Largest one, so that a bit per 64 KiB fits a bitmap that is quickly zeroed */
#define DATASPACE_MAX ((uint64_t)16 << 30)

/** RAM. Returns NO_RAM, NO_CAPS, INVALID (size) */
enum error dataspace_open_ram(struct dataspace *ds, struct arena *arena,
                              uint64_t size, bool contiguous,
                              unsigned map_flags) MUST_USE;

/** Given frames, which stay the caller's. Returns NO_RAM, NO_CAPS */
enum error dataspace_open_fixed(struct dataspace *ds, struct arena *arena,
                                uint64_t phys, uint64_t size, bool writable,
                                unsigned map_flags) MUST_USE;

/** The region map itself. Returns NO_RAM, NO_CAPS */
enum error dataspace_open_managed(struct dataspace *ds, struct arena *arena,
                                  struct region_map *map, uint64_t size) MUST_USE;

/** It vanishes from all address spaces; memory is freed. Idempotent */
void dataspace_close(struct dataspace *ds);

/** What 'ds' refers to; NULL: not a dataspace */
struct dataspace *dataspace_find(dataspace_cap_t ds);

/** Memory that may be mapped at once: [start, end) in the dataspace */
struct dataspace_part { uint64_t phys, start, end; };

/**
 * Wiped, contiguous memory around 'offset', within [low, high)
 *
 * At most 64 KiB, aligned to that.
 */
struct dataspace_part dataspace_part(struct dataspace *ds, uint64_t offset,
                                     uint64_t low, uint64_t high);

/** Address of the dataspace's memory for core, if it is contiguous */
void *dataspace_memory(struct dataspace *ds);
