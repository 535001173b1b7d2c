/* SPDX-License-Identifier: MIT */
/**
 * Data of base-nova's ready queues: strict priorities, round robin within one
 */
#pragma once

/* Public */
#include <util/ring.h>

/* Internal */
#include <core/control.h>

/** Of a CPU */
struct ready_queues {
	struct list queue[KERNEL_PRIORITIES];
	uint64_t    bits[KERNEL_PRIORITIES / 64];    /* queues that are not empty */
};

/** Of an SC; it is queued by its sc_link */
struct ready_link {
	uint64_t left;       /* of its quantum; 0: a fresh one is due */
};
