/* SPDX-License-Identifier: MIT */
/**
 * Clones: copies of RAM that share each page until one side writes to it
 *
 * A clone pays for all of its pages when it is made, so that no later write can
 * fail. For each page it has a reference: to a frame, which all clones whose
 * references form one ring share, or to none: then the page is that of the
 * origin, the dataspace with frames of its own at the beginning; zeros, if that
 * died. A clone of a clone has the same origin and shares its references, 170 at a
 * time, until one of them changes; then both are in the rings. So a page is never
 * looked for in a chain, and to clone takes 1/170 of the pages.
 *
 * The frames of an origin never move: if it is written to, its clones get a copy,
 * one for all. When it dies, they inherit the frames that they share.
 */
#pragma once

#include "component/dataspace.h"

/** Make 'ds', which has a size only, a clone. Returns NO_RAM, LIMIT (256 of one) */
enum error clone_open(struct dataspace *ds, struct dataspace *source) MUST_USE;

/** Free its pages. Idempotent; false: not all yet */
bool clone_close(struct dataspace *ds) MUST_USE;

/** See dataspace_part */
enum error clone_part(struct dataspace *ds,
                      struct dataspace_access const *access,
                      struct dataspace_part *part) MUST_USE;

/** All of it was just unmapped: go on with a write that waited for this */
void clone_unmapped(struct dataspace *ds);

/** 'origin' is about to be written to at 'offset': copy the page for its clones */
enum error clones_part_with(struct dataspace *origin, uint64_t offset) MUST_USE;

/** 'origin' dies: clones take over what they share; false: not all yet */
bool clones_inherit(struct dataspace *origin) MUST_USE;
