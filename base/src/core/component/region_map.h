/* SPDX-License-Identifier: MIT */
/**
 * Region maps: what is attached where, and how a fault is resolved
 *
 * The map of an address space, or of a managed dataspace, which is attached
 * elsewhere like any other. Each map has a height: more than that of any map
 * attached in it, and at most REGION_MAP_HEIGHT, which excludes cycles too.
 *
 * When a dataspace dies, attachments that another than its owner made stay:
 * reads find zeros, writes a private page on the accessor's account.
 */
#pragma once

#include "component/dataspace.h"
#include "memory/regions.h"

struct pd;

enum { REGION_MAP_HEIGHT = 8 };

struct region_map {
	struct object    object;         /* of a PD's; a session has its own */
	struct regions   regions;
	struct arena    *arena;          /* pays for the attachments */
	struct pd       *pd;             /* whose address space; NULL: managed */
	struct dataspace ds;             /* the map itself, if managed */
	uint32_t         height, nested; /* nested: managed ones attached */
	uint64_t         round;          /* in which it was last gone through */
	cap_t            handler;        /* signal for faults; 0: none */
	struct list      waiting;        /* threads whose fault is not yet told … */
	struct list      told;           /* … and those whose is; oldest first */
	uint64_t         resumed;        /* faults before this one go on; 0: none */
};

struct attachment {
	struct region      region;
	struct list_node   by_ds;
	struct dataspace  *ds;           /* NULL: it died */
	struct region_map *map;
	uint64_t           offset;       /* in the dataspace */
	unsigned           flags;        /* enum rm_flags */
	bool               mapped;       /* perhaps, somewhere; then it is one of
	                                    the first ones of its dataspace */
	bool               closing;      /* it leads nowhere any more */
	uint64_t           cleared;      /* from its start, while it is unmapped */
	uint64_t           awaited;      /* revocation of its managed dataspace */
	struct frame_list  private;      /* pages in place of a dead one's */
};

void region_map_init(struct region_map *map, struct arena *arena,
                     struct pd *pd, uint64_t base, uint64_t size);

/** Make it callable. Returns NO_RAM, NO_CAPS */
enum error region_map_open(struct region_map *map) MUST_USE;

/**
 * Detach everything, let nobody wait. 'unmap': unless the PD is gone already
 *
 * False: not everything yet.
 */
bool region_map_close(struct region_map *map, bool unmap) MUST_USE;

/** See rm_attach */
enum error region_map_attach(struct region_map *map, struct dataspace *ds,
                             uint64_t at, uint64_t offset, uint64_t size,
                             unsigned flags, uint64_t *address) MUST_USE;

/** Operations of interface 'rm'; object_self is the struct region_map */
struct rm_ops;
extern struct rm_ops const region_map_ops;

/**
 * Detach 'ds', which is about to die, from everywhere; false: not all yet
 *
 * Regions that 'owner' pays go with it.
 */
bool attachments_vanish(struct dataspace *ds, struct arena const *owner) MUST_USE;

/**
 * Unmap all of 'ds' wherever it is mapped, through views as well
 *
 * There may be any number of places: in so many maps, or as many as ways up through
 * managed ones. Then false: not everything yet. Until it is done, nothing of 'ds'
 * is mapped; who wants to use it lends a hand (fault.c).
 */
bool attachments_revoke(struct dataspace *ds) MUST_USE;

/** The same of a part; if that is in many places, of all */
bool attachments_unmap(struct dataspace *ds, uint64_t offset, uint64_t size) MUST_USE;

/** Where an access of an address space leads to */
struct translation {
	struct region_map *map;        /* innermost one */
	uint64_t           address;    /* in that map */
	struct attachment *attachment; /* in it; NULL: there is none */
	struct dataspace  *ds;         /* attached there; NULL: it died */
	struct dataspace  *blocked;    /* on the way, not to be mapped now; or NULL */
	struct attachment *path[REGION_MAP_HEIGHT + 1];
	unsigned           depth;      /* of the path; its first one is the root */
	uint64_t           low, high;  /* part of the address space … */
	uint64_t           delta;      /* … minus this is the dataspace's offset */
	bool               write, exec;
};

struct translation region_map_translate(struct region_map *map,
                                        uint64_t address);

/** What 't' leads to is about to be mapped */
void region_map_note(struct translation const *t);

/**
 * The map that does not permit an access, by its attachment at 'address'
 *
 * 'right' is RM_WRITE or RM_EXEC. Where all attachments permit it, the memory
 * does not: then it is the innermost one. *inside: the address in that map.
 */
struct region_map *region_map_denying(struct region_map *map, uint64_t address,
                                      unsigned right, uint64_t *inside);
