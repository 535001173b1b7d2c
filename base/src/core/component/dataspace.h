/* SPDX-License-Identifier: MIT */
/**
 * Memory objects: RAM, boot modules, device memory, region maps as such
 *
 * A dataspace lists its attachments. Before its frames are reused, it is
 * unmapped wherever it was attached. RAM is wiped when it is mapped for the
 * first time (backing.h); a clone has pages of its own only where it differs
 * from what it was cloned from (clone.h); a view is another's memory, to read.
 */
#pragma once

#include <util/list.h>
#include "memory/frames.h"
#include "object.h"

struct clone;
struct region_map;

enum dataspace_kind { DATASPACE_NONE, DATASPACE_RAM, DATASPACE_FIXED,
                      DATASPACE_MANAGED, DATASPACE_VIEW };

/** Contiguous part; it ends where the next one or the dataspace does */
struct extent { uint64_t offset, phys; };

struct dataspace {
	struct object       object;
	struct arena       *arena;       /* pays for all of it; NULL: closed */
	enum dataspace_kind kind;
	bool                writable, contiguous, sealed;
	bool                closing;     /* see dataspace_ends */
	bool                revoked;     /* until it is unmapped (region_map.h) */
	uint64_t            revocations; /* so many times it was */
	bool                shown;       /* a view: perhaps mapped; then it is one
	                                    of the first ones of its base */
	unsigned            map_flags;   /* caching */
	uint64_t            size;
	struct list         attachments;
	struct list         views;       /* of this one */
	struct list_node    by_owner;    /* RAM of a PD */
	uint64_t            ticket;      /* not 0: not yet complete, told nobody */

	/* DATASPACE_VIEW; a clone that is not yet complete */
	struct dataspace   *base;        /* NULL: it died */
	struct list_node    by_base;

	/* DATASPACE_MANAGED */
	struct region_map  *map;

	/* DATASPACE_RAM: clones that may share frames of this one */
	struct clone       *clone;       /* it is one itself; no other frames */
	uint64_t            awaited;     /* revocation of its base: it is apart then */
	struct list         clones;
	uint32_t            clone_count;

	/* frames: DATASPACE_RAM, DATASPACE_FIXED (not ours) */
	uint32_t            extent_count;
	struct extent       extent;      /* the only one, … */
	struct extent     **extents;     /* … or blocks of them, if several */

	/* DATASPACE_RAM: one bit a granule; NULL: all of it is wiped */
	uint64_t           *wiped;
	uint64_t            wiped_word;  /* if that suffices */
	uint64_t            wiped_phys;  /* if it has frames of its own */
	uint32_t            granule;     /* log2 of bytes */
	uint64_t            taken;       /* frames before this offset are there … */
	uint64_t            given_up;    /* … and before this one not any more */
	bool                charged;     /* all of its size, to the account */
};

/* Largest one, so that a bit per 64 KiB fits a bitmap that is quickly zeroed */
#define DATASPACE_MAX ((uint64_t)16 << 30)

/** Largest one to be cloned, so that its references are quickly copied */
#define DATASPACE_CLONE_MAX ((uint64_t)1 << 30)

/**
 * RAM. Returns NO_RAM, NO_CAPS, INVALID (size)
 *
 * AGAIN: memory is scattered, and not all of it is there; dataspace_complete goes
 * on. After another error there is nothing to close, but for this one.
 */
enum error dataspace_open_ram(struct dataspace *ds, struct arena *arena,
                              uint64_t size, bool contiguous,
                              unsigned map_flags) MUST_USE;

/** Returns AGAIN; NO_RAM: close it */
enum error dataspace_complete(struct dataspace *ds) MUST_USE;

/**
 * See pd_ram_clone; AGAIN: as above
 *
 * It takes part from the beginning, so that what is mapped again meanwhile cannot
 * be written without a copy; it is complete when all was unmapped once.
 */
enum error dataspace_open_clone(struct dataspace *ds, struct arena *arena,
                                struct dataspace *source) MUST_USE;

/** See pd_ram_view */
enum error dataspace_open_view(struct dataspace *ds, struct arena *arena,
                               struct dataspace *base) MUST_USE;

/** Given frames, which stay the caller's. Returns NO_RAM, NO_CAPS */
enum error dataspace_open_fixed(struct dataspace *ds, struct arena *arena,
                                uint64_t phys, uint64_t size, bool writable,
                                unsigned map_flags) MUST_USE;

/** The region map itself. Returns NO_RAM, NO_CAPS */
enum error dataspace_open_managed(struct dataspace *ds, struct arena *arena,
                                  struct region_map *map, uint64_t size) MUST_USE;

/**
 * It vanishes from all address spaces; memory is freed. Idempotent
 *
 * False: the work of one handler is done, but more is left (work.h).
 */
bool dataspace_close(struct dataspace *ds) MUST_USE;

/** The same at once, where little can be left */
void dataspace_close_all(struct dataspace *ds);

/** It dies: nobody may see it any more. False: not yet */
bool dataspace_vanish(struct dataspace *ds) MUST_USE;

/** Nobody can write to it any more; RAM only. False: not yet, see work.h */
bool dataspace_seal(struct dataspace *ds) MUST_USE;

/** What 'ds' refers to; NULL: not a dataspace */
struct dataspace *dataspace_find(dataspace_cap_t ds);

/** Whose memory it is; NULL: the one viewed died */
static inline struct dataspace *dataspace_behind(struct dataspace *ds)
{
	return ds && ds->kind == DATASPACE_VIEW ? ds->base : ds;
}

/** It dies, or what it shows; no new attachments, clones, views */
static inline bool dataspace_ends(struct dataspace *ds)
{
	struct dataspace const *const behind = dataspace_behind(ds);
	return ds->closing || !behind || behind->closing;
}

/** An access to memory within the window [low, high) */
struct dataspace_access {
	uint64_t offset, low, high;
	bool     large;                /* large pages are of use */
	bool     write;
};

/** Memory that may be mapped at once: [start, end) in the dataspace */
struct dataspace_part { uint64_t phys, start, end; bool writable; };

/**
 * Wiped, contiguous memory around an access
 *
 * At most 64 KiB, aligned to that, or a large page. A write is permitted. Returns
 * NO_RAM (a page has to be copied; clones have paid, so it should not happen).
 */
enum error dataspace_part(struct dataspace *ds,
                          struct dataspace_access const *access,
                          struct dataspace_part *part) MUST_USE;

/** Address of the dataspace's memory for core, if it is contiguous */
void *dataspace_memory(struct dataspace *ds);
