/* SPDX-License-Identifier: MIT */
/** Ranges of a machine's resource, by address */

/* public */
#include <util/container_of.h>

/* local */
#include "service/claim.h"

static uint64_t base_key(struct avl_node const *node)
{
	return container_of_const(node, struct claim, node)->base;
}

bool claim_open(struct avl_tree *claims, struct claim *claim, uint64_t base,
                uint64_t size)
{
	if (!size || base + size < base)
		return false;
	/* none overlaps another, so only the last one in front of the end can */
	struct avl_node *const node =
		avl_at_or_before(claims, base + size - 1, base_key);
	struct claim const *const last =
		node ? container_of(node, struct claim, node) : NULL;
	if (last && base < last->base + last->size)
		return false;
	claim->base = base;
	claim->size = size;
	avl_insert_by_key(claims, &claim->node, base_key);
	return true;
}

void claim_close(struct avl_tree *claims, struct claim *claim)
{
	avl_remove(claims, &claim->node);
}
