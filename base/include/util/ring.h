/* SPDX-License-Identifier: MIT */
/**
 * Doubly linked list whose nodes are embedded in the listed objects: what takes
 * constant time, as the kernel uses it; the rest is in util/list.h
 *
 * Zeroed memory is an empty list, and an unlinked node. A list must not be moved
 * while it has nodes. Locking is up to the user.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <util/container_of.h>

struct list_node { struct list_node *next, *prev; };

/** The head is a node of the ring; both NULL: empty, never used */
struct list { struct list_node head; };

static inline void list_init(struct list *list)
{
	list->head.next = list->head.prev = &list->head;
}

static inline bool list_empty(struct list const *list)
{
	return !list->head.next || list->head.next == &list->head;
}

/** Whether 'node' is in some list */
static inline bool list_linked(struct list_node const *node)
{
	return node->next;
}

/** NULL: the list is empty */
static inline struct list_node *list_first(struct list const *list)
{
	return list_empty(list) ? NULL : list->head.next;
}

/** Insert the unlinked 'node' in front of 'next', which is in a list */
static inline void list_insert_before(struct list_node *next,
                                      struct list_node *node)
{
	node->next       = next;
	node->prev       = next->prev;
	next->prev->next = node;
	next->prev       = node;
}

/** The head of the ring, which is one from now on */
static inline struct list_node *list_ring(struct list *list)
{
	if (!list->head.next)
		list_init(list);
	return &list->head;
}

/** Insert the unlinked 'node' at the end */
static inline void list_append(struct list *list, struct list_node *node)
{
	list_insert_before(list_ring(list), node);
}

/** Take 'node' out of the list it is in; nothing happens if it is in none */
static inline void list_remove(struct list_node *node)
{
	if (!node->next)
		return;
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->next = node->prev = NULL;
}

/** Take the first node out; NULL: the list is empty */
static inline struct list_node *list_take_first(struct list *list)
{
	struct list_node *const node = list_first(list);
	if (node)
		list_remove(node);
	return node;
}

/** Append all nodes of 'from', which is empty afterwards */
static inline void list_append_all(struct list *list, struct list *from)
{
	if (list_empty(from))
		return;
	struct list_node *const head = list_ring(list);
	head->prev->next      = from->head.next;
	from->head.next->prev = head->prev;
	from->head.prev->next = head;
	head->prev            = from->head.prev;
	list_init(from);
}
