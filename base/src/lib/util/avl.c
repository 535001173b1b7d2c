/* SPDX-License-Identifier: MIT */
/**
 * AVL tree
 *
 * Invariant: each node's height is one more than that of its higher child, and
 * the children's heights differ by at most one.
 */

/* public */
#include <util/avl.h>

static int32_t height(struct avl_node const *node)
{
	return node ? node->height : 0;
}

/** Make height and augmentation of 'node' agree with its children */
static void refresh(struct avl_tree *tree, struct avl_node *node)
{
	int32_t const a = height(node->child[0]), b = height(node->child[1]);
	node->height = (a > b ? a : b) + 1;
	if (tree->update)
		tree->update(node);
}

/** Put 'node' (or nothing) in the place of 'old' below 'parent' (or root) */
static void replace(struct avl_tree *tree, struct avl_node *parent,
                    struct avl_node const *old, struct avl_node *node)
{
	if (parent)
		parent->child[parent->child[1] == old] = node;
	else
		tree->root = node;
	if (node)
		node->parent = parent;
}

static void set_child(struct avl_node *node, unsigned side,
                      struct avl_node *child)
{
	node->child[side] = child;
	if (child)
		child->parent = node;
}

/** Lift the child at 'side' to the place of 'node', which it returns */
static struct avl_node *rotate(struct avl_tree *tree, struct avl_node *node,
                               unsigned side)
{
	struct avl_node *const up = node->child[side];
	replace(tree, node->parent, node, up);
	set_child(node, side, up->child[!side]);
	set_child(up, !side, node);
	refresh(tree, node);
	refresh(tree, up);
	return up;
}

/** Restore the invariant at 'node', whose subtrees hold it */
static struct avl_node *balance(struct avl_tree *tree, struct avl_node *node)
{
	int32_t const difference = height(node->child[1]) - height(node->child[0]);
	refresh(tree, node);
	if (difference >= -1 && difference <= 1)
		return node;

	unsigned const side = difference > 0;
	struct avl_node *const high = node->child[side];
	if (height(high->child[!side]) > height(high->child[side]))
		rotate(tree, high, !side);
	return rotate(tree, node, side);
}

/** Up to where a subtree keeps its height, as nothing changes above it */
static void balance_up(struct avl_tree *tree, struct avl_node *node)
{
	for (; node; node = node->parent) {
		int32_t const before = node->height;
		node = balance(tree, node);
		if (node->height == before && !tree->update)
			return;
	}
}

void avl_insert_at(struct avl_tree *tree, struct avl_node *parent,
                   unsigned side, struct avl_node *node)
{
	*node = (struct avl_node) { .parent = parent };
	if (parent)
		parent->child[side] = node;
	else
		tree->root = node;
	balance_up(tree, node);
}

void avl_insert(struct avl_tree *tree, struct avl_node *node,
                avl_before_t before)
{
	struct avl_node *parent = NULL;
	unsigned side = 0;
	for (struct avl_node *n = tree->root; n; n = n->child[side]) {
		parent = n;
		side = !before(node, n);
	}
	avl_insert_at(tree, parent, side, node);
}

void avl_insert_by_key(struct avl_tree *tree, struct avl_node *node,
                       avl_key_t key)
{
	struct avl_node *parent = NULL;
	uint64_t const value = key(node);
	unsigned side = 0;
	for (struct avl_node *n = tree->root; n; n = n->child[side]) {
		parent = n;
		side = value >= key(n);
	}
	avl_insert_at(tree, parent, side, node);
}

static struct avl_node *outermost(struct avl_node *node, unsigned side)
{
	while (node && node->child[side])
		node = node->child[side];
	return node;
}

void avl_remove(struct avl_tree *tree, struct avl_node *node)
{
	struct avl_node *changed = node->parent;
	if (!node->height)
		return;

	if (node->child[0] && node->child[1]) {
		struct avl_node *const heir = outermost(node->child[1], 0);
		changed = heir->parent == node ? heir : heir->parent;
		replace(tree, heir->parent, heir, heir->child[1]);
		replace(tree, node->parent, node, heir);
		set_child(heir, 0, node->child[0]);
		set_child(heir, 1, node->child[1]);
		heir->height = node->height;
	} else {
		replace(tree, node->parent, node, node->child[!node->child[0]]);
	}
	*node = (struct avl_node) { .height = 0 };
	balance_up(tree, changed);
}

void avl_update(struct avl_tree *tree, struct avl_node *node)
{
	for (; node; node = node->parent)
		refresh(tree, node);
}

struct avl_node *avl_first(struct avl_tree const *tree)
{
	return outermost(tree->root, 0);
}

struct avl_node *avl_last(struct avl_tree const *tree)
{
	return outermost(tree->root, 1);
}

/** Next node of the order towards 'side' */
static struct avl_node *neighbour(struct avl_node const *node, unsigned side)
{
	if (node->child[side])
		return outermost(node->child[side], !side);
	while (node->parent && node->parent->child[side] == node)
		node = node->parent;
	return node->parent;
}

struct avl_node *avl_next(struct avl_node const *node)
{
	return neighbour(node, 1);
}

struct avl_node *avl_prev(struct avl_node const *node)
{
	return neighbour(node, 0);
}

struct avl_node *avl_at_or_after(struct avl_tree const *tree, uint64_t value,
                                 avl_key_t key)
{
	struct avl_node *found = NULL;
	for (struct avl_node *n = tree->root; n;) {
		bool const enough = key(n) >= value;
		if (enough)
			found = n;
		n = n->child[!enough];
	}
	return found;
}

struct avl_node *avl_at_or_before(struct avl_tree const *tree, uint64_t value,
                                  avl_key_t key)
{
	struct avl_node *found = NULL;
	for (struct avl_node *n = tree->root; n;) {
		bool const fits = key(n) <= value;
		if (fits)
			found = n;
		n = n->child[fits];
	}
	return found;
}

struct avl_node *avl_find(struct avl_tree const *tree, uint64_t value,
                          avl_key_t key)
{
	struct avl_node *const node = avl_at_or_after(tree, value, key);
	return node && key(node) == value ? node : NULL;
}
