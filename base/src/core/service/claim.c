/* SPDX-License-Identifier: MIT */
/** Ranges of a machine's resource; few, so a list will do */

/* local */
#include "service/claim.h"

bool claim_open(struct list *claims, struct claim *claim, uint64_t base,
                uint64_t size)
{
	if (!size || base + size < base)
		return false;
	list_for_each(claims, node) {
		struct claim const *const c =
			container_of(node, struct claim, node);
		if (base < c->base + c->size && c->base < base + size)
			return false;
	}
	claim->base = base;
	claim->size = size;
	list_append(claims, &claim->node);
	return true;
}

void claim_close(struct claim *claim)
{
	list_remove(&claim->node);
}
