/* SPDX-License-Identifier: MIT */
/**
 * AVL tree whose nodes are embedded in the sorted objects
 *
 * Insertion, removal and search take O(log n), at most 1.44 log2(n) steps.
 * Zeroed memory is an empty tree, and an unlinked node. Equal keys keep their
 * order of insertion. Locking is up to the user.
 *
 * A tree may be augmented: 'update' is called for a node whose children or
 * their augmentation changed, children first, and computes from node->child[]
 * what the node says about its subtree (e.g. the largest gap in it). Whoever
 * changes an object's own part of that calls avl_update.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avl_node
{
	struct avl_node *child[2];  /* [0] is in front of the node, [1] behind */
	struct avl_node *parent;    /* NULL: root, or unlinked */
	int32_t          height;    /* 1: leaf; 0: unlinked */
	uint32_t         unused;
};
_Static_assert(sizeof(struct avl_node) == 32, "binary interface");

struct avl_tree
{
	struct avl_node *root;
	void           (*update)(struct avl_node *);  /* NULL: not augmented */
};

/** Whether 'a' is in front of 'b' */
typedef bool (*avl_before_t)(struct avl_node const *a, struct avl_node const *b);

/** The key by which the tree is sorted */
typedef uint64_t (*avl_key_t)(struct avl_node const *);

static inline bool avl_empty(struct avl_tree const *tree) { return !tree->root; }

static inline bool avl_linked(struct avl_node const *node)
{
	return node->height;
}

/** Insert the unlinked 'node' where 'before' wants it */
void avl_insert(struct avl_tree *tree, struct avl_node *node,
                avl_before_t before);

/** Insert the unlinked 'node' by its key */
void avl_insert_by_key(struct avl_tree *tree, struct avl_node *node,
                       avl_key_t key);

/** Insert the unlinked 'node' as the absent child 'side' of 'parent' (or root) */
void avl_insert_at(struct avl_tree *tree, struct avl_node *parent,
                   unsigned side, struct avl_node *node);

/** Take 'node' out; nothing happens if it is unlinked */
void avl_remove(struct avl_tree *tree, struct avl_node *node);

/** Recompute the augmentation from 'node' up to the root */
void avl_update(struct avl_tree *tree, struct avl_node *node);

/** Neighbours in order; NULL: there is none */
struct avl_node *avl_first(struct avl_tree const *tree);
struct avl_node *avl_last(struct avl_tree const *tree);
struct avl_node *avl_next(struct avl_node const *node);
struct avl_node *avl_prev(struct avl_node const *node);

/** First node with this key; NULL: none */
struct avl_node *avl_find(struct avl_tree const *tree, uint64_t value,
                          avl_key_t key);

/** Last node with key ≤ 'value'; NULL: none */
struct avl_node *avl_at_or_before(struct avl_tree const *tree, uint64_t value,
                                  avl_key_t key);

/** First node with key ≥ 'value'; NULL: none */
struct avl_node *avl_at_or_after(struct avl_tree const *tree, uint64_t value,
                                 avl_key_t key);
