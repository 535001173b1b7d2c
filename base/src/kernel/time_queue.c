/* SPDX-License-Identifier: MIT */

/* Internal */
#include <kernel/address_key.h>
#include <kernel/time_queue.h>


/** What is below a node */
static void take_over(struct time_node *to, struct time_node const *from)
{
	to->later[0] = from->later[0];
	to->later[1] = from->later[1];
}


void time_queue_insert(struct time_node **slot, struct time_node *node)
{
	for (unsigned depth = 0; *slot; depth++) {
		struct time_node *const other = *slot;
		if (node->time < other->time) {
			take_over(node, other);
			*slot = node;
			node  = other;
		}
		slot = &(*slot)->later[address_key(node) >> depth & 1];
	}
	node->later[0] = node->later[1] = NULL;
	*slot = node;
}


void time_queue_remove(struct time_node **slot, struct time_node *node)
{
	for (uint64_t key = address_key(node); *slot && *slot != node; key >>= 1)
		slot = &(*slot)->later[key & 1];

	while (*slot) {                 /* it sinks below later ones, off the tree */
		struct time_node *const a = node->later[0], *const b = node->later[1];
		bool const side = !a || (b && b->time < a->time);
		struct time_node *const up = side ? b : a;
		*slot = up;
		if (up) {
			take_over(node, up);
			up->later[side]  = node;
			up->later[!side] = side ? a : b;
			slot = &up->later[side];
		}
	}
}
