/* SPDX-License-Identifier: MIT */
/**
 * Lists (util/ring.h): both ends, neighbours, loops
 */
#pragma once

#include <util/ring.h>

/** Insert the unlinked 'node' at the beginning */
static inline void list_prepend(struct list *list, struct list_node *node)
{
	list_insert_before(list_ring(list)->next, node);
}

/** NULL: the list is empty */
static inline struct list_node *list_last(struct list const *list)
{
	return list_empty(list) ? NULL : list->head.prev;
}

/** NULL: 'node' is the last one */
static inline struct list_node *list_next(struct list const *list,
                                          struct list_node const *node)
{
	return node->next == &list->head ? NULL : node->next;
}

/** NULL: 'node' is the first one */
static inline struct list_node *list_prev(struct list const *list,
                                          struct list_node const *node)
{
	return node->prev == &list->head ? NULL : node->prev;
}

/** Visit each node; the loop's body must not remove any */
#define list_for_each(list, node) \
	for (struct list_node *node = list_first(list); node; \
	     node = list_next((list), node))

/** Visit each node; the loop's body may remove the visited one */
#define list_for_each_safe(list, node) \
	for (struct list_node *node = list_first(list), *node##_next_ = NULL; \
	     node && (node##_next_ = list_next((list), node), true); \
	     node = node##_next_)
