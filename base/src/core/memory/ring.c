/* SPDX-License-Identifier: MIT */
/**
 * Ring of text with one producer
 *
 * The producer announces what it is about to overwrite ('claimed') before it
 * does so; a reader that finds its bytes claimed after it copied them discards
 * them. Stores stay in order on x86, loads too; the fences keep the compiler.
 */

/* public */
#include <util/minmax.h>
#include <util/string.h>

/* local */
#include "memory/ring.h"

void ring_init(struct ring *ring, size_t size)
{
	ring->magic = 0x31474f4c45524f43; /* "CORELOG1" */
	ring->size  = size - RING_DATA;
}

void ring_write(struct ring *ring, char const *text, size_t length)
{
	uint64_t const head = ring->head;
	if (length > ring->size)
		length = ring->size;

	__atomic_store_n(&ring->claimed, head + length, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	uint64_t const at   = head % ring->size;
	uint64_t const part = min(length, ring->size - at);
	memcpy(ring->text + at, text, part);
	memcpy(ring->text, text + part, length - part);
	__atomic_store_n(&ring->head, head + length, __ATOMIC_RELEASE);
}

/** Oldest position that is certainly not being overwritten */
static uint64_t oldest(struct ring const *ring)
{
	uint64_t const claimed =
		__atomic_load_n(&ring->claimed, __ATOMIC_ACQUIRE);
	return claimed > ring->size ? claimed - ring->size : 0;
}

size_t ring_read(struct ring const *ring, uint64_t *tail, char *buffer,
                 size_t size, uint64_t *lost)
{
	uint64_t const from = max(*tail, oldest(ring));
	uint64_t const head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
	size_t const length = head > from ? min(head - from, (uint64_t)size) : 0;

	uint64_t const at   = from % ring->size;
	uint64_t const part = min((uint64_t)length, ring->size - at);
	memcpy(buffer, ring->text + at, part);
	memcpy(buffer + part, ring->text, length - part);

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	uint64_t const still = oldest(ring);
	uint64_t const skip  = still > from ? min(still - from, (uint64_t)length)
	                                    : 0;
	if (skip)
		memmove(buffer, buffer + skip, length - skip);
	*lost = from + skip - *tail;
	*tail = from + length;
	return length - skip;
}
