/* SPDX-License-Identifier: MIT */
/** AVL trees against a sorted array, with an augmentation */

#include "test.h"
#include <util/avl.h>
#include <util/container_of.h>
#include <util/minmax.h>

enum { ITEMS = 300, STEPS = 30000 };

struct item { struct avl_node node; uint64_t key; unsigned count; };

static struct item items[ITEMS];

static struct item const *item(struct avl_node const *node)
{
	return container_of_const(node, struct item, node);
}

static uint64_t key(struct avl_node const *node) { return item(node)->key; }

static bool before(struct avl_node const *a, struct avl_node const *b)
{
	return key(a) < key(b);
}

static unsigned count(struct avl_node const *node)
{
	return node ? item(node)->count : 0;
}

/** Augmentation: number of nodes in the subtree */
static void update(struct avl_node *node)
{
	container_of(node, struct item, node)->count =
		1 + count(node->child[0]) + count(node->child[1]);
}

/** Height of a subtree that holds the invariant; -1 if it does not */
static int depth(struct avl_node const *node, struct avl_node const *parent)
{
	if (!node)
		return 0;
	int const a = depth(node->child[0], node);
	int const b = depth(node->child[1], node);
	int const high = a > b ? a : b;
	bool const good = a >= 0 && b >= 0 && a - b <= 1 && b - a <= 1
	                  && node->parent == parent && node->height == high + 1;
	return good ? high + 1 : -1;
}

static void check_tree(struct avl_tree const *tree, unsigned expected)
{
	unsigned n = 0;
	uint64_t last = 0;
	bool sorted = true;
	for (struct avl_node *i = avl_first(tree); i; i = avl_next(i), n++) {
		sorted &= key(i) >= last;
		last = key(i);
		if (avl_next(i))
			sorted &= avl_prev(avl_next(i)) == i;
	}
	CHECK(sorted && n == expected && count(tree->root) == expected);
	CHECK(depth(tree->root, NULL) >= 0);
	CHECK(!avl_last(tree) || key(avl_last(tree)) == last);
}

/** Neighbours of 'value' by looking at every item */
static void check_search(struct avl_tree const *tree, uint64_t value)
{
	uint64_t below = 0, above = UINT64_MAX;
	for (unsigned i = 0; i < ITEMS; i++) {
		if (!avl_linked(&items[i].node))
			continue;
		if (items[i].key <= value && items[i].key > below)
			below = items[i].key;
		if (items[i].key >= value && items[i].key < above)
			above = items[i].key;
	}
	struct avl_node const *const b = avl_at_or_before(tree, value, key);
	struct avl_node const *const a = avl_at_or_after(tree, value, key);
	CHECK(b ? key(b) == below : below == 0);
	CHECK(a ? key(a) == above : above == UINT64_MAX);
	CHECK(!avl_find(tree, value, key) == (above != value));
}

static void random_steps(void)
{
	static struct avl_tree tree = { .update = update };
	unsigned linked = 0;
	for (unsigned step = 0; step < STEPS; step++) {
		struct item *const i = &items[test_random(ITEMS)];
		if (avl_linked(&i->node)) {
			avl_remove(&tree, &i->node);
			linked--;
		} else {
			i->key = 1 + test_random(200);
			if (step % 2)
				avl_insert(&tree, &i->node, before);
			else
				avl_insert_by_key(&tree, &i->node, key);
			linked++;
		}
		if (step % 50 == 0)
			check_tree(&tree, linked);
		if (step % 50 == 1)
			check_search(&tree, test_random(220));
	}
	for (unsigned i = 0; i < ITEMS; i++)
		avl_remove(&tree, &items[i].node);
	CHECK(avl_empty(&tree));
}

static void ascending(void)
{
	static struct avl_tree tree = { .update = update };
	for (unsigned i = 0; i < ITEMS; i++) {
		items[i].key = i;
		avl_insert_by_key(&tree, &items[i].node, key);
	}
	check_tree(&tree, ITEMS);
	CHECK(tree.root->height <= 10);
	while (avl_first(&tree))
		avl_remove(&tree, avl_first(&tree));
	CHECK(avl_empty(&tree));
}

static void equal_keys(void)
{
	static struct avl_tree tree;
	for (unsigned i = 0; i < ITEMS; i++) {
		items[i].key = 7;
		avl_insert_by_key(&tree, &items[i].node, key);
	}
	unsigned n = 0;
	for (struct avl_node *i = avl_first(&tree); i; i = avl_next(i))
		CHECK(item(i) == &items[n++]);
	CHECK(n == ITEMS);
}

int main(void)
{
	static struct test_case const cases[] = {
		{ "avl.random", random_steps }, { "avl.ascending", ascending },
		{ "avl.equal", equal_keys },
	};
	return test_run(cases, array_length(cases));
}
