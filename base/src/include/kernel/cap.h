/* SPDX-License-Identifier: MIT */
/**
 * Capabilities: one node for each pair of domain and object
 *
 * A domain's name table is a directory of pages of nodes. Looking up takes no
 * lock: the name is compared before object and rights are read and after;
 * writers store it last when a node comes to life, and first when it dies, and
 * no node has the same name twice. An object whose node died meanwhile stays in
 * memory until the reader leaves the kernel.
 * A dead node holds its generation with a wrong index, which no name matches.
 */
#pragma once

/* Public */
#include <base/cap.h>
#include <base/error.h>
#include <util/ring.h>

/* Internal */
#include <kernel/kobject.h>

enum { CAP_DIR_ENTRIES = 512, CAP_PAGE_NODES = 64,
       CAP_INDEX_MAX = CAP_DIR_ENTRIES * CAP_PAGE_NODES };

enum { RIGHT_CALL = 1, RIGHT_SUBMIT = 2, RIGHT_CONTROL = 4, RIGHT_RUN = 8 };

struct cap {
	cap_t volatile           name;
	struct kobject *volatile object;  /* of a free node: next free one */
	uint8_t volatile         rights;  /* RIGHT_… */
	uint32_t                 count;   /* receptions; lock: pd's */
	struct pd               *pd;
	struct list_node         holder;  /* lock: the object's */
	struct cap              *child[2];/* in pd's tree; lock: pd's */
};
_Static_assert(sizeof(struct cap) == 64, "entry.S");

/** Name table of a domain. Lock: the domain's, but for look-ups */
struct cap_table {
	struct cap **dir;       /* never NULL entries: cap_none */
	struct cap  *tree;      /* by object */
	struct cap  *free_list;
	uint32_t     fresh;     /* nodes from here on were never used */
	uint32_t     pages;     /* of nodes */
	uint32_t     used;      /* nodes, the one of name 0 included */
	uint32_t     reserved;  /* promised to open windows */
};

/** Page of nodes that match no name */
extern struct cap const cap_none[CAP_PAGE_NODES];

/** 'dir' is an empty frame */
void cap_table_init(struct cap_table *, struct cap **dir);

/**
 * Object of a name, dead or alive, and the rights to it; NULL: a dead name
 *
 * It stays in memory until the CPU leaves the kernel.
 */
static inline struct kobject *cap_look_up(struct cap_table const *table,
                                          cap_t name, uint8_t *rights)
{
	uint32_t const index = (uint32_t)name;
	struct cap const *const cap =
		&table->dir[index / CAP_PAGE_NODES % CAP_DIR_ENTRIES]
		           [index % CAP_PAGE_NODES];

	if (cap->name != name)      /* 0 is the name of one without object */
		return NULL;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	struct kobject *const object = cap->object;
	*rights = cap->rights;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return cap->name == name ? object : NULL;
}

/** Living object of that name, and the rights; NULL if there is none */
struct kobject *cap_object(struct pd const *, cap_t name, uint8_t *rights);

/**
 * Living object of a type, with certain rights: checked downcast
 *
 * '*error' is OK, or if NULL is returned GONE or INVALID.
 */
static inline struct kobject *cap_typed(struct cap_table const *table,
                                        cap_t name, uint8_t rights,
                                        enum kobject_type type,
                                        enum error *error)
{
	uint8_t held;
	struct kobject *const object = cap_look_up(table, name, &held);
	if (object && !object->dead && object->type == type
	 && (held & rights) == rights) {
		*error = ERROR_OK;
		return object;
	}
	*error = name && (!object || object->dead) ? ERROR_GONE : ERROR_INVALID;
	return NULL;
}

/** Promise 'n' nodes to a window. KERNEL_RAM: a frame lacks */
enum error cap_reserve(struct pd *, uint32_t n) MUST_USE;
void cap_unreserve(struct pd *, uint32_t n);

/**
 * Make 'pd' a holder of the object, or count one more reception
 *
 * 'reserved' points to the number of nodes promised to the receiver, or is NULL.
 * One of them is used up if a new node is needed and no other is left. Returns
 * GONE (the object is dead), KERNEL_RAM (a frame lacks).
 */
enum error cap_add(struct pd *, struct kobject *, uint8_t rights,
                   uint8_t *reserved, cap_t *name) MUST_USE;

/** Give back 'n' receptions. Returns GONE, INVALID (more than there are) */
enum error cap_release(struct pd *, cap_t name, uint32_t n) MUST_USE;

/** Unlink up to 64 holders of a dead object; true: none is left */
bool cap_drain_holders(struct kobject *);

/** Unlink up to 64 nodes of a dead domain, from the end; true: none is left */
bool cap_drain_table(struct pd *);
