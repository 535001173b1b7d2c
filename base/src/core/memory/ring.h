/* SPDX-License-Identifier: MIT */
/**
 * Ring of text with one producer, which never waits, and any number of readers
 *
 * The head counts all bytes ever written. A reader that is slower than the
 * producer loses the oldest bytes and is told how many. Readable by others as
 * ROM module "core_log" in exactly this form.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { RING_DATA = 64, RING_MIN = 4096 };

/** At the beginning of the memory; the text begins at RING_DATA */
struct ring {
	uint64_t magic;     /* "CORELOG1" */
	uint64_t size;      /* of the text's space in bytes */
	uint64_t head;      /* bytes written and complete */
	uint64_t claimed;   /* bytes that may be overwritten: head, or beyond */
	uint64_t unused[4];
	char     text[];
};
_Static_assert(sizeof(struct ring) == RING_DATA, "format");

/** Set up an empty ring in zeroed memory of 'size' bytes */
void ring_init(struct ring *ring, size_t size);

/** Append; text longer than the ring is cut */
void ring_write(struct ring *ring, char const *text, size_t length);

/**
 * Copy at most 'size' bytes from position *tail, which is moved
 *
 * Returns their number; 'lost': bytes that were overwritten before.
 */
size_t ring_read(struct ring const *ring, uint64_t *tail, char *buffer,
                 size_t size, uint64_t *lost);
