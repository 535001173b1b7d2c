/* SPDX-License-Identifier: MIT */
/**
 * What all kernel objects have in common; first member of each
 *
 * An object belongs to the domain whose pool paid for it, and dies with it.
 * 'dead' is stored once, by whoever destroys it (kobject_claim). Holders are
 * the capabilities of all domains that lead to it.
 */
#pragma once

/* Public */
#include <util/ring.h>

/* Internal */
#include <kernel/lock.h>

struct pd;

enum kobject_type { KOBJECT_PD, KOBJECT_EC, KOBJECT_PORTAL, KOBJECT_SIGNAL,
                    KOBJECT_IRQ, KOBJECT_TYPES,
                    KOBJECT_NONE = KOBJECT_TYPES };

/** How far the destroyer has got; written by it only */
enum kobject_stage { STAGE_ALIVE, STAGE_ROUND_1, STAGE_STOP, STAGE_DRAIN,
                     STAGE_ROUND_2 };

struct kobject {
	uint8_t          type;         /* constant */
	uint8_t volatile dead;         /* 0 → 1, atomic */
	uint8_t          stage;
	struct lock      lock;
	struct pd       *pd;           /* who paid; constant */
	struct list_node in_pd;        /* lock: pd's */
	struct list      holders;      /* lock: 'lock' */
	uint64_t         round;        /* that the destroyer waits for */
};

void kobject_init(struct kobject *, enum kobject_type, struct pd *);

/** Store 'dead'; false: someone else did */
bool kobject_claim(struct kobject *);

/**
 * Next bounded step of destroying a claimed object; true: it no longer exists
 *
 * Nobody else may hold a pointer to it across kernel entries.
 */
bool kobject_die(struct kobject *);

/**
 * Same up to freeing its memory, for a domain that dies as a whole: the first
 * round is over, and the last one follows for all objects together
 */
bool kobject_stop(struct kobject *);
