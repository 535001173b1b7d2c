/* SPDX-License-Identifier: MIT */
/** Queues by time against a search of all nodes */

#include <kernel/address_key.h>
#include <kernel/time_queue.h>
#include <util/container_of.h>
#include "test.h"

enum { ITEMS = 300, STEPS = 30000, TIMES = 200, DEPTH_MAX = 64 };

/** As large as a kernel object at least */
struct item { uint64_t before[5]; struct time_node node; uint64_t behind[3]; };

static struct item item[ITEMS];
static bool        queued[ITEMS];

/** Number of nodes; nobody is earlier than who is above, each is on its path */
static unsigned check_tree(struct time_node const *node, uint64_t earliest,
                           uint64_t path, unsigned depth)
{
	if (!node)
		return 0;
	CHECK(node->time >= earliest && depth < DEPTH_MAX);
	CHECK(!depth || !((address_key(node) ^ path) << (64 - depth)));
	return 1 + check_tree(node->later[0], node->time, path, depth + 1)
	     + check_tree(node->later[1], node->time, path | 1UL << depth,
	                  depth + 1);
}

static void check(struct time_node const *queue, unsigned count)
{
	uint64_t earliest = ~0UL;
	for (unsigned i = 0; i < ITEMS; i++)
		if (queued[i] && item[i].node.time < earliest)
			earliest = item[i].node.time;
	CHECK(check_tree(queue, 0, 0, 0) == count);
	CHECK(count ? queue && queue->time == earliest : !queue);
}

static void random_steps(void)
{
	struct time_node *queue = NULL;
	unsigned count = 0;
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned const i = test_random(ITEMS);
		if (queued[i] || test_random(8) == 0) {
			count -= queued[i];       /* else it is not there */
			time_queue_remove(&queue, &item[i].node);
			queued[i] = false;
		} else {
			item[i].node.time = test_random(TIMES);
			time_queue_insert(&queue, &item[i].node);
			queued[i] = true;
			count++;
		}
		check(queue, count);
	}
	while (queue) {
		struct item *const first =
			container_of(queue, struct item, node);
		time_queue_remove(&queue, queue);
		queued[first - item] = false;
		check(queue, --count);
	}
}

static struct test_case const cases[] = {
	{ "time_queue: random steps", random_steps },
};

int main(void) { return test_run(cases, sizeof cases / sizeof cases[0]); }
