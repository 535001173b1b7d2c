/* SPDX-License-Identifier: MIT */
/**
 * Queue by time: a tree whose root is the earliest node
 *
 * Each node is behind earlier ones on the path that the bits of its key say. So
 * it is at most as deep as keys have bits, and mostly about as flat as a balanced
 * tree. Equal times have no order. The queue is its root, NULL: empty; a node is
 * part of an object of at least 64 bytes. Locking is up to the user.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct time_node {
	struct time_node *later[2];
	uint64_t          time;         /* constant while it is queued */
};

void time_queue_insert(struct time_node **queue, struct time_node *);

/** Nothing happens if it is not there */
void time_queue_remove(struct time_node **queue, struct time_node *);
